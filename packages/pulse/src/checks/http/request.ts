import type { HttpOptions } from './http-options.ts'
import type { HttpTarget } from './http-target.ts'

/** What the requests of a profile have in common, written once. */
export interface RequestShape {
  readonly method: string
  /** All after the header `Host`: ISO 8859-1, whose characters are the bytes. */
  readonly rest: string
  /** Whether `Host` is among the headers that were given. */
  readonly hasHost: boolean
  /** Whether it may be made twice (RFC 9110): only then over a connection that may just be closing. */
  readonly isIdempotent: boolean
}

const IDEMPOTENT = ['GET', 'HEAD', 'OPTIONS', 'PUT', 'DELETE']
/** What another host must not be told. */
const SECRETS = ['authorization', 'cookie', 'proxy-authorization', 'host']
const DEFAULTS: Readonly<Record<string, string>> = {
  'user-agent': 'User-Agent: millrace\r\n',
  accept: 'Accept: */*\r\n',
  // Bodies are small, and read by us: compressed ones only if a server insists.
  'accept-encoding': 'Accept-Encoding: identity\r\n',
}

export function requestShape(options: HttpOptions): RequestShape {
  const { method, headers, body, keepAlive } = options
  const given = new Set(Object.keys(headers).map((name) => name.toLowerCase()))
  let rest = ''
  for (const [name, line] of Object.entries(DEFAULTS)) if (!given.has(name)) rest += line
  for (const [name, value] of Object.entries(headers)) rest += `${name}: ${value}\r\n`
  const bytes = Buffer.from(body)
  if (bytes.length > 0 || method === 'POST' || method === 'PUT' || method === 'PATCH')
    rest += `Content-Length: ${bytes.length}\r\n`
  const isIdempotent = IDEMPOTENT.includes(method)
  rest += keepAlive && isIdempotent ? '\r\n' : 'Connection: close\r\n\r\n'
  return { method, rest: rest + bytes.toString('latin1'), hasHost: given.has('host'), isIdempotent }
}

/** The request for a target, in ISO 8859-1. */
export function requestText({ method, rest, hasHost }: RequestShape, { path, authority }: HttpTarget): string {
  const host = hasHost ? '' : `Host: ${authority}\r\n`
  return `${method} ${path} HTTP/1.1\r\n${host}${rest}`
}

/** What is asked after a redirect with `status`, as browsers do it: a form that was sent is not sent on, and secrets stay with their host. */
export function redirectedOptions(options: HttpOptions, status: number, isSameOrigin: boolean): HttpOptions {
  const { method } = options
  const becomesGet = (status === 303 && method !== 'HEAD') || ((status === 301 || status === 302) && method === 'POST')
  const headers = Object.entries(options.headers).filter(([name]) => {
    const small = name.toLowerCase()
    return (isSameOrigin || !SECRETS.includes(small)) && !(becomesGet && small.startsWith('content-'))
  })
  return {
    ...options,
    headers: Object.fromEntries(headers),
    ...(becomesGet && { method: 'GET', body: '' }),
  }
}
