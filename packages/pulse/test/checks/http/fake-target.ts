import { createServer, type Server, type Socket } from 'node:net'
import { createServer as createTlsServer } from 'node:tls'

/** What is done with a connection once the head of a request is there. */
export type Mood = (socket: Socket, request: string) => void

/** A server on loopback that does with each path what it was told to. It speaks HTTP only as far as a mood does. */
export class FakeTarget implements AsyncDisposable {
  readonly requests: string[] = []
  readonly #moods = new Map<string, Mood>()
  readonly #open = new Set<Socket>()
  readonly #server: Server
  readonly #scheme: string
  /** Connections taken. */
  connections = 0

  private constructor(tls: { readonly key: string; readonly cert: string } | undefined) {
    const take = (socket: Socket) => this.#take(socket)
    this.#scheme = tls === undefined ? 'http' : 'https'
    this.#server = tls === undefined ? createServer(take) : createTlsServer(tls, take)
    this.#server.on('connection', (socket: Socket) => {
      this.#open.add(socket)
      socket.on('close', () => this.#open.delete(socket))
    })
  }

  static async start(tls?: { readonly key: string; readonly cert: string }): Promise<FakeTarget> {
    const target = new FakeTarget(tls)
    await new Promise<void>((resolve) => target.#server.listen(0, '127.0.0.1', resolve))
    return target
  }

  get port(): number {
    const address = this.#server.address()
    return typeof address === 'object' && address !== null ? address.port : 0
  }

  url(path: string, host = '127.0.0.1'): string {
    return `${this.#scheme}://${host}:${this.port}${path}`
  }

  on(path: string, mood: Mood | string): this {
    this.#moods.set(path, typeof mood === 'string' ? (socket) => socket.write(mood, 'latin1') : mood)
    return this
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const socket of this.#open) socket.destroy()
    await new Promise<void>((resolve) => this.#server.close(() => resolve()))
  }

  #take(socket: Socket): void {
    this.connections++
    let received = ''
    socket.on('error', () => {})
    socket.on('data', (bytes) => {
      received += bytes.toString('latin1')
      for (let end = endOf(received); end !== -1; end = endOf(received)) {
        const request = received.slice(0, end)
        received = received.slice(end)
        this.requests.push(request)
        const path = request.split(' ', 2)[1] ?? ''
        this.#moods.get(path)?.(socket, request)
      }
    })
  }
}

/** Where the first request ends, its body included; -1 if it does not. */
function endOf(text: string): number {
  const head = text.indexOf('\r\n\r\n')
  if (head === -1) return -1
  const length = Number(/content-length: (\d+)/i.exec(text.slice(0, head))?.[1] ?? 0)
  return text.length >= head + 4 + length ? head + 4 + length : -1
}

/** A response of 200 with a body. */
export function okWith(body: string): string {
  return `HTTP/1.1 200 OK\r\nContent-Length: ${body.length}\r\n\r\n${body}`
}
