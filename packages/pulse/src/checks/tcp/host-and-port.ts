import { isIP, isIPv6 } from 'node:net'
import type { Fields } from '../../manifest/fields.ts'

const HOST_NAME = /^(?!-)[a-z0-9_-]{1,63}(\.[a-z0-9_-]{1,63})*\.?$/
const DOTTED_NUMBER = /(^|\.)\d+\.?$/
const MAX_NAME = 253

/** Reads `host` and `port` as text: `db.internal:5432`, `[::1]:5432`. */
export function readHostAndPort(fields: Fields): string {
  const host = fields.string('host').toLowerCase()
  const port = fields.integer('port', { min: 1, max: 65_535 })
  const bare = host.startsWith('[') && host.endsWith(']') ? host.slice(1, -1) : host
  if (host !== '' && !isHost(bare)) {
    fields.fault(
      'host',
      'must be a name or an address alone: db.internal, 192.0.2.1 or 2001:db8::1, without scheme, port or path',
    )
  }
  return isIPv6(bare) ? `[${bare}]:${port}` : `${bare}:${port}`
}

/** Whether a text, in small letters, is a name of DNS or an address. */
export function isHost(text: string): boolean {
  if (isIP(text) !== 0) return true
  return text.length <= MAX_NAME && HOST_NAME.test(text) && !DOTTED_NUMBER.test(text)
}

/** The host of a target as {@link readHostAndPort} writes it, without brackets. */
export function hostOf(target: string): string {
  const end = target.lastIndexOf(':')
  return target.charCodeAt(0) === 91 ? target.slice(1, end - 1) : target.slice(0, end)
}

export function portOf(target: string): number {
  return Number(target.slice(target.lastIndexOf(':') + 1))
}
