import { isIP, type Socket } from 'node:net'
import type { SecureContext, TLSSocket } from 'node:tls'
import { nodeTls } from '../../host/node-tls.ts'

export interface SecureOptions {
  /** Whose certificate it is to be: a name, or an address. */
  readonly serverName: string
  /** Whether a certificate that does not hold is an error. */
  readonly isStrict: boolean
  readonly alpn?: string[]
}

/** Begins TLS over connections. Its certificates are read once, with the first of them: that takes longer than many handshakes. */
export class Secure {
  readonly #ca: string | readonly string[] | undefined
  #context: SecureContext | undefined

  constructor(ca: string | readonly string[] | undefined) {
    this.#ca = ca
  }

  /** Over a connection that is open. */
  begin(socket: Socket, { serverName, isStrict, alpn }: SecureOptions): TLSSocket {
    const { connect, createSecureContext } = nodeTls()
    this.#context ??= createSecureContext(this.#ca === undefined ? {} : { ca: [this.#ca].flat() })
    return connect({
      socket,
      secureContext: this.#context,
      rejectUnauthorized: isStrict,
      host: serverName,
      // An address is no name that a server could choose its certificate by (RFC 6066).
      ...(isIP(serverName) === 0 && { servername: serverName }),
      ...(alpn !== undefined && { ALPNProtocols: alpn }),
    })
  }
}
