import type { Fields } from '../manifest/fields.ts'

/** Reads an address of a web server: http or https. A fault does not quote it, for it may be secret. */
export function httpAddress(fields: Fields, name: string, fallback?: string): string {
  const text = fields.string(name, fallback)
  // Missing, which has been said.
  if (text === '') return text
  const url = URL.parse(text)
  if (url === null || (url.protocol !== 'http:' && url.protocol !== 'https:')) {
    fields.fault(name, 'must be a URL that begins with http:// or https://')
  } else if (url.username !== '' || url.password !== '') {
    fields.fault(name, 'must not have a user and a password in it: put them into a header, Authorization')
  }
  return text
}
