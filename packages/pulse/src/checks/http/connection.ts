import type { TLSSocket } from 'node:tls'
import { OwnedSocket, type SocketOwner } from '../tcp/owned-socket.ts'
import type { Secure, SecureOptions } from '../tls/secure.ts'

/** Whom a connection tells what happens to it. */
export interface ConnectionUser {
  /** Somebody is there. */
  connected(): void
  /** It can be written to. */
  opened(): void
  /** @param isInHandshake is whether there was a connection, and TLS failed. */
  notOpened(error: Error, isInHandshake: boolean): void
  received(bytes: Uint8Array, count: number): void
  /** Nothing more comes, in order or not. It may be told more than once. */
  hungUp(): void
}

/** One connection to an address, plain or secure, with one user at a time, or none. */
export class Connection implements SocketOwner {
  /** Of the clock, not after it was opened. */
  readonly openedAt: number
  user: ConnectionUser | undefined
  readonly #secure: Secure
  readonly #secureOptions: SecureOptions | undefined
  readonly #socket: OwnedSocket
  #stream: TLSSocket | undefined
  #isOpen = false
  #hasEnded = false

  /** @param secureOptions is undefined for a plain one. */
  constructor(user: ConnectionUser, openedAt: number, secure: Secure, secureOptions: SecureOptions | undefined) {
    this.user = user
    this.openedAt = openedAt
    this.#secure = secure
    this.#secureOptions = secureOptions
    this.#socket = new OwnedSocket(this, secureOptions === undefined)
  }

  /** Whether it can be written to, as far as is known. */
  get isOpen(): boolean {
    return this.#isOpen && !this.#hasEnded
  }

  open(address: string, port: number): void {
    this.#socket.connect({ host: address, port })
  }

  /** @param text is in ISO 8859-1. */
  write(text: string): void {
    const stream = this.#stream ?? this.#socket
    stream.write(text, 'latin1')
  }

  discard(): void {
    this.user = undefined
    this.#socket.discard()
  }

  /** Whether it keeps the process running. */
  hold(isHeld: boolean): void {
    const stream = this.#stream ?? this.#socket
    if (isHeld) stream.ref()
    else stream.unref()
  }

  connected(): void {
    this.user?.connected()
    if (this.#secureOptions === undefined) this.#opened()
    else this.#beginTls(this.#secureOptions)
  }

  #beginTls(options: SecureOptions): void {
    const stream = this.#secure.begin(this.#socket, options)
    this.#stream = stream
    stream.on('secureConnect', () => this.#opened())
    stream.on('data', (bytes) => this.received(bytes, bytes.length))
    stream.on('error', (error) => this.broke(error))
    stream.on('end', () => this.ended()).on('close', () => this.ended())
  }

  received(bytes: Uint8Array, count: number): void {
    if (this.user === undefined) this.discard()
    else this.user.received(bytes, count)
  }

  ended(): void {
    this.#hasEnded = true
    if (this.#isOpen) this.user?.hungUp()
    else this.user?.notOpened(Object.assign(new Error('hung up'), { code: 'ECONNRESET' }), this.#stream !== undefined)
  }

  broke(error: Error): void {
    this.#hasEnded = true
    if (this.#isOpen) this.user?.hungUp()
    else this.user?.notOpened(error, this.#stream !== undefined)
  }

  #opened(): void {
    this.#isOpen = true
    this.user?.opened()
  }
}
