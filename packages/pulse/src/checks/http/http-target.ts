/** Where a URL leads. Slices of its text: nothing is decoded. */
export interface HttpTarget {
  readonly isSecure: boolean
  /** In small letters, without brackets. */
  readonly host: string
  readonly port: number
  /** As the header `Host` has it: the port only where it is not the usual one. */
  readonly authority: string
  /** `http://api:8080`. */
  readonly origin: string
  /** Path and query. */
  readonly path: string
}

const MAX_URL = 8192
/** What is its own canonical form. */
const PLAIN = /^https?:\/\/[a-z0-9]([a-z0-9.-]*[a-z0-9])?(:[1-9]\d{0,4})?\/[\w./~!$&'()*+,;=:@-]*$/
const DOTS_OR_USUAL_PORT = /\/\.|:80\/|:443\//
/** A host that ends in a number is an address, of which there are many forms; and the one that has it written so. */
const NUMBER = /\.\d+[:/]|\/\/\d+[:/]/
const BYTE = '(?:25[0-5]|2[0-4]\\d|1\\d\\d|[1-9]?\\d)'
const ADDRESS = new RegExp(`^https?://(?:${BYTE}\\.){3}${BYTE}[:/]`)
const CONTROL = /[^\x21-\uffff]|\x7f/
const COLON = 58
const BRACKET = 91

/** Reads a URL as people write it: its canonical text, or what is wrong with it. */
export function readHttpUrl(text: string): { readonly url: string } | { readonly fault: string } {
  if (text.length > MAX_URL) return { fault: `is longer than ${MAX_URL} characters` }
  // PERF: a URL is parsed in full only if it may have another form than its canonical one: of a million there is one each.
  if (isCanonical(text) && parseHttpUrl(text) !== undefined) return { url: text }
  // The parser of URLs would leave line breaks out, and trim blanks.
  if (CONTROL.test(text))
    return { fault: 'has a blank, a line break or a control character in it: write it as %20, %0A' }
  const url = URL.parse(text)
  if (url === null) return { fault: 'must be a URL such as http://127.0.0.1:8080/health' }
  if (url.protocol !== 'http:' && url.protocol !== 'https:')
    return { fault: 'must begin with http:// or https://: nothing else is fetched' }
  if (url.username !== '' || url.password !== '')
    return { fault: 'has a user or a password in it: write headers: { Authorization: ... } instead' }
  url.hash = ''
  if (parseHttpUrl(url.href) === undefined) return { fault: 'names no host and port that can be reached' }
  return { url: url.href }
}

/** Whether a text is plainly in its canonical form; others may be, too. */
function isCanonical(text: string): boolean {
  return PLAIN.test(text) && !DOTS_OR_USUAL_PORT.test(text) && (!NUMBER.test(text) || ADDRESS.test(text))
}

/** Takes a canonical URL apart; undefined if it is none. */
export function parseHttpUrl(url: string): HttpTarget | undefined {
  const isSecure = url.startsWith('https://')
  if (!isSecure && !url.startsWith('http://')) return undefined
  const start = isSecure ? 8 : 7
  const slash = url.indexOf('/', start)
  if (slash === -1) return undefined
  const authority = url.slice(start, slash)
  const hostEnd = endOfHost(authority)
  const isBracketed = authority.charCodeAt(0) === BRACKET
  const host = isBracketed ? authority.slice(1, hostEnd - 1) : authority.slice(0, hostEnd)
  const port = hostEnd === authority.length ? (isSecure ? 443 : 80) : Number(authority.slice(hostEnd + 1))
  if (host === '' || !(port >= 1 && port <= 65_535)) return undefined
  return { isSecure, host, port, authority, origin: url.slice(0, slash), path: url.slice(slash) }
}

/** The host of a canonical URL. */
export function hostOfUrl(url: string): string | undefined {
  return parseHttpUrl(url)?.host
}

function endOfHost(authority: string): number {
  for (let at = authority.length - 1; at >= 0; at--) {
    const code = authority.charCodeAt(at)
    if (code === COLON) return at
    if (code < 48 || code > 57) break
  }
  return authority.length
}
