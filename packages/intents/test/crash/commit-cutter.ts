import { once } from 'node:events'
import { connect, createServer, type Server, type Socket } from 'node:net'

/** Where the connection is cut: before the server gets the COMMIT, before its answer is back, or right behind the answer. */
export type Cut = 'request' | 'answer' | 'after answer'

/** Stands between a client and PostgreSQL, passes on what they say, and cuts the connection at a COMMIT. */
export class CommitCutter implements AsyncDisposable {
  readonly url: string
  readonly #server: Server
  readonly #sockets = new Set<Socket>()
  #next: { readonly where: Cut; readonly done: () => void } | undefined

  private constructor(server: Server, url: string) {
    this.#server = server
    this.url = url
  }

  /** In front of the server at `url`. */
  static async open(url: string): Promise<CommitCutter> {
    const target = new URL(url)
    const port = Number(target.port)
    const server = createServer((client) => cutter.#join(client, port))
    server.listen(0, '127.0.0.1')
    await once(server, 'listening')
    const address = server.address()
    target.port = String(typeof address === 'object' && address !== null ? address.port : 0)
    const cutter = new CommitCutter(server, target.href)
    return cutter
  }

  /** Cuts one connection, at the next COMMIT of any, and resolves when that is done. */
  cutNext(where: Cut): Promise<void> {
    return new Promise((done) => {
      this.#next = { where, done }
    })
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const socket of this.#sockets) socket.destroy()
    this.#server.close()
    await once(this.#server, 'close')
  }

  #join(client: Socket, port: number): void {
    const server = connect(port, '127.0.0.1')
    const end = () => {
      client.destroy()
      server.destroy()
    }
    const commits = new Set<string>()
    const asked = new Messages(false)
    const answered = new Messages(true)
    for (const socket of [client, server]) {
      this.#sockets.add(socket)
      socket.setNoDelay(true)
      socket.on('error', end).on('close', () => {
        this.#sockets.delete(socket)
        end()
      })
    }
    client.on('data', (chunk) => {
      for (const message of asked.read(chunk)) {
        if (this.#isCut('request', isCommitRequest(message, commits))) return void server.end()
        server.write(message)
      }
    })
    server.on('data', (chunk) => {
      for (const message of answered.read(chunk)) {
        const isAnswer = typeOf(message) === 'C' && message.toString('latin1', 5) === 'COMMIT\0'
        if (this.#isCut('answer', isAnswer)) return end()
        client.write(message)
        if (this.#isCut('after answer', isAnswer)) return void client.end()
      }
    })
  }

  #isCut(where: Cut, isThere: boolean): boolean {
    if (!isThere || this.#next?.where !== where) return false
    this.#next.done()
    this.#next = undefined
    return true
  }
}

function typeOf(message: Buffer): string {
  return String.fromCharCode(message[0] ?? 0)
}

/** Whether a message of a client asks for a COMMIT; notes the names under which the session has one prepared. */
function isCommitRequest(message: Buffer, commits: Set<string>): boolean {
  const [first = '', second = ''] = message.toString('latin1', 5).split('\0')
  if (typeOf(message) === 'P') {
    if (second === 'COMMIT') commits.add(first)
    else commits.delete(first)
  }
  return typeOf(message) === 'B' && commits.has(second)
}

/** Cuts a stream into the messages of PostgreSQL's protocol: a letter, which the first one of a client has not, and a length. */
class Messages {
  #rest: Buffer = Buffer.alloc(0)
  #isTyped: boolean

  constructor(isTyped: boolean) {
    this.#isTyped = isTyped
  }

  read(chunk: Buffer): readonly Buffer[] {
    const messages: Buffer[] = []
    let rest = Buffer.concat([this.#rest, chunk])
    for (;;) {
      const at = this.#isTyped ? 1 : 0
      if (rest.length < at + 4) break
      const end = at + rest.readInt32BE(at)
      if (rest.length < end) break
      messages.push(rest.subarray(0, end))
      rest = rest.subarray(end)
      this.#isTyped = true
    }
    this.#rest = rest
    return messages
  }
}
