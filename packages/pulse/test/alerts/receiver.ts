import { once } from 'node:events'
import { createServer, type IncomingHttpHeaders, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'

/** What a receiver was sent. */
export interface Received {
  readonly method: string
  readonly path: string
  readonly headers: IncomingHttpHeaders
  readonly body: string
}

/** A receiver of webhooks: notes what it is sent, and answers as it is told. */
export class Receiver implements AsyncDisposable {
  readonly received: Received[] = []
  answer: (response: ServerResponse) => void = (response) => response.end()
  readonly #server: Server
  readonly #waiting: (() => void)[] = []

  private constructor() {
    this.#server = createServer(async (request, response) => {
      let body = ''
      for await (const chunk of request.setEncoding('utf8')) body += chunk
      const { method = '', url = '', headers } = request
      this.received.push({ method, path: url, headers, body })
      this.answer(response)
      for (const resolve of this.#waiting.splice(0)) resolve()
    })
  }

  static async listen(): Promise<Receiver> {
    const receiver = new Receiver()
    receiver.#server.listen(0, '127.0.0.1')
    await once(receiver.#server, 'listening')
    return receiver
  }

  get url(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`
  }

  /** Resolves once the next is received and answered. */
  next(): Promise<void> {
    return new Promise((resolve) => this.#waiting.push(resolve))
  }

  /** What was sent last, as JSON. */
  get json(): unknown {
    return JSON.parse(this.received.at(-1)!.body)
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#server.closeAllConnections()
    this.#server.close()
    await once(this.#server, 'close')
  }
}
