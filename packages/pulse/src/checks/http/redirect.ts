import { readHttpUrl } from './http-target.ts'

const REDIRECTS = [301, 302, 303, 307, 308]

export function isRedirect(status: number): boolean {
  return REDIRECTS.includes(status)
}

/** Where a `Location` leads from `url`: a canonical URL, or why it is not followed. */
export function redirectedUrl(location: string, url: string): { readonly url: string } | { readonly fault: string } {
  const next = URL.parse(Buffer.from(location, 'latin1').toString(), url)
  if (next === null) return { fault: 'it redirects to what is no URL' }
  if (next.protocol !== 'http:' && next.protocol !== 'https:')
    return { fault: `it redirects to a ${next.protocol} URL, which is not followed` }
  if (next.username !== '' || next.password !== '')
    return { fault: 'it redirects to a URL with a password, which is not followed' }
  const read = readHttpUrl(next.href)
  return 'url' in read ? read : { fault: 'it redirects to what is no URL' }
}
