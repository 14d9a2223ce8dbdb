import type { IncomingMessage } from 'node:http'
import type { Caller } from '../access/door.ts'

const PROTOCOL_TOKEN = 'bearer.'

/** Who opens a socket: by its header `Authorization`, or where it could set none, as in a browser, by a subprotocol `bearer.TOKEN`. */
export function socketCaller({ headers, socket }: IncomingMessage): Caller {
  const token = headers['sec-websocket-protocol']
    ?.split(',')
    .map((protocol) => protocol.trim())
    .find((protocol) => protocol.startsWith(PROTOCOL_TOKEN))
  return {
    authorization: headers.authorization ?? (token && `Bearer ${token.slice(PROTOCOL_TOKEN.length)}`),
    address: socket.remoteAddress,
  }
}

/**
 * Whether a page may open a socket here: it is of this host, or of an origin that is allowed. Browsers let any page open any socket, so that
 * without this each could write to a server that trusts its own machine. Who sends no origin is no browser.
 */
export function isAllowedOrigin({ headers: { origin, host } }: IncomingMessage, allowed: readonly string[]): boolean {
  if (origin === undefined || allowed.includes(origin)) return true
  return URL.canParse(origin) && new URL(origin).host === host
}
