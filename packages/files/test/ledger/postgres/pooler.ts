import { randomInt } from 'node:crypto'
import { once } from 'node:events'
import { connect, createServer, type Socket } from 'node:net'

/** A pooler in front of a server: clients share its connections. */
export interface Pooler extends AsyncDisposable {
  readonly port: number
}

interface Backend {
  readonly socket: Socket
  client: Client | undefined
  /** Answers that are still to come. */
  owed: number
}

interface Client {
  readonly socket: Socket
  backend: Backend | undefined
  /** What it has sent and no connection has yet. */
  readonly held: Buffer[]
}

/** After these a server says that it is ready again. */
const ANSWERED = new Set(['Q', 'S'].map((type) => type.charCodeAt(0)))
const READY = 'Z'.charCodeAt(0)
const IDLE = 'I'.charCodeAt(0)
const KEY = 'K'.charCodeAt(0)
const END = 'X'.charCodeAt(0)

/**
 * Opens one on loopback. Each client logs in over a connection of its own, which is everybody's from then on: for a transaction at a time, the one that was given
 * back last first; or, where it pools sessions, its own for good. As poolers do, it tells clients another process number than the server's.
 */
export async function openPooler(serverPort: number, pools: 'transactions' | 'sessions'): Promise<Pooler> {
  const free: Backend[] = []
  const waiting: Client[] = []
  const sockets = new Set<Socket>()

  const send = (backend: Backend, whole: Buffer) => {
    if (ANSWERED.has(whole[0]!)) backend.owed++
    backend.socket.write(whole)
  }
  const lend = (backend: Backend, client: Client) => {
    backend.client = client
    client.backend = backend
    for (const whole of client.held.splice(0)) send(backend, whole)
  }
  const giveBack = (backend: Backend) => {
    if (backend.client !== undefined) backend.client.backend = undefined
    backend.client = undefined
    const next = waiting.shift()
    if (next === undefined) free.push(backend)
    else lend(backend, next)
  }

  function openBackend(client: Client): Backend {
    const backend: Backend = { socket: connect(serverPort, '127.0.0.1'), client, owed: 1 }
    sockets.add(backend.socket)
    backend.socket.setNoDelay(true).on('error', () => {})
    const take = wholeMessages(true)
    backend.socket.on('data', (bytes) => {
      for (const whole of take(bytes)) {
        if (whole[0] === KEY) whole.writeInt32BE(randomInt(1 << 30), 5)
        backend.client?.socket.write(whole)
        if (whole[0] !== READY) continue
        backend.owed--
        if (pools === 'transactions' && backend.owed === 0 && whole[5] === IDLE) giveBack(backend)
      }
    })
    return backend
  }

  const listener = createServer((socket) => {
    sockets.add(socket)
    const client: Client = { socket, backend: undefined, held: [] }
    let take = wholeMessages(false)
    let isStarted = false
    socket.setNoDelay(true).on('error', () => {})
    socket.on('close', () => client.backend?.socket.destroy())
    socket.on('data', (bytes) => {
      if (!isStarted) {
        isStarted = true
        client.backend = openBackend(client)
        for (const whole of take(bytes)) client.backend.socket.write(whole)
        take = wholeMessages(true)
        return
      }
      for (const whole of take(bytes)) {
        if (whole[0] === END) socket.end()
        else if (client.backend !== undefined) send(client.backend, whole)
        else if (client.held.push(whole) === 1) {
          const backend = free.pop()
          if (backend === undefined) waiting.push(client)
          else lend(backend, client)
        }
      }
    })
  })
  listener.listen(0, '127.0.0.1')
  await once(listener, 'listening')
  const address = listener.address()
  return {
    port: typeof address === 'object' && address !== null ? address.port : 0,
    async [Symbol.asyncDispose]() {
      for (const socket of sockets) socket.destroy()
      listener.close()
      await once(listener, 'close')
    },
  }
}

/** Puts what comes in pieces together: gives the messages that are whole. The first of a connection has no type before its length. */
function wholeMessages(isTyped: boolean): (bytes: Buffer) => Buffer[] {
  const head = isTyped ? 1 : 0
  let rest = Buffer.alloc(0)
  return (bytes) => {
    rest = Buffer.concat([rest, bytes])
    const messages: Buffer[] = []
    while (rest.length >= head + 4) {
      const length = head + rest.readInt32BE(head)
      if (rest.length < length) break
      messages.push(rest.subarray(0, length))
      rest = rest.subarray(length)
    }
    return messages
  }
}
