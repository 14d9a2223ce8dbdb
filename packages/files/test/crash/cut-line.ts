import { connect, createServer, type Socket } from 'node:net'

/** What stands between a process and a server, and can keep everything back for a while, as a network that is down does. */
export interface CutLine extends AsyncDisposable {
  readonly port: number
  /** From now on nothing passes, in either direction; what is sent waits, and connections stay open. */
  cut(): void
  /** What was kept back passes, and all else again. */
  mend(): void
  /** Ends the connections there are; later ones go to the server at another port, as where an address was given to a standby. */
  moveTo(port: number): void
}

/** Opens one on loopback to a server's port. */
export async function openCutLine(serverPort: number): Promise<CutLine> {
  const pairs = new Set<readonly [Socket, Socket]>()
  let port = serverPort
  let isCut = false
  const listener = createServer((client) => {
    const server = connect(port, '127.0.0.1')
    const pair = [client, server] as const
    pairs.add(pair)
    for (const [from, to] of [pair, [server, client] as const]) {
      from.setNoDelay(true)
      from.on('data', (bytes) => to.write(bytes))
      from.on('error', () => {})
      from.on('close', () => {
        pairs.delete(pair)
        to.destroy()
      })
      if (isCut) from.pause()
    }
  })
  await new Promise<void>((resolve) => listener.listen(0, '127.0.0.1', resolve))
  const address = listener.address()
  return {
    port: typeof address === 'object' && address !== null ? address.port : 0,
    cut() {
      isCut = true
      for (const pair of pairs) for (const socket of pair) socket.pause()
    },
    mend() {
      isCut = false
      for (const pair of pairs) for (const socket of pair) socket.resume()
    },
    moveTo(other) {
      port = other
      for (const pair of pairs) for (const socket of pair) socket.destroy()
    },
    async [Symbol.asyncDispose]() {
      for (const pair of pairs) for (const socket of pair) socket.destroy()
      await new Promise((resolve) => listener.close(resolve))
    },
  }
}
