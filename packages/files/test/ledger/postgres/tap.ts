import { once } from 'node:events'
import { connect, createServer, type Socket } from 'node:net'

/** A way to a server that can be cut. */
export interface Tap extends AsyncDisposable {
  readonly port: number
  /** Withholds all that the server answers once a client has sent this. */
  readonly withholdAfter: (sent: string) => void
  /** Ends the connections there are, and lets later ones through. */
  readonly cut: () => void
}

/** Stands between a client and the server at `port` of loopback. */
export async function openTap(port: number): Promise<Tap> {
  const pairs = new Set<readonly [Socket, Socket]>()
  let awaited: string | undefined
  let withheld = false
  const server = createServer((client) => {
    const upstream = connect(port, '127.0.0.1')
    const pair = [client, upstream] as const
    pairs.add(pair)
    const end = () => {
      pairs.delete(pair)
      client.destroy()
      upstream.destroy()
    }
    for (const socket of pair) socket.on('error', end).on('close', end)
    client.on('data', (data) => {
      if (awaited !== undefined && data.includes(awaited)) withheld = true
      upstream.write(data)
    })
    upstream.on('data', (data) => {
      if (!withheld) client.write(data)
    })
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const address = server.address()
  const cut = () => {
    for (const [client] of pairs) client.destroy()
    awaited = undefined
    withheld = false
  }
  return {
    port: typeof address === 'object' && address !== null ? address.port : 0,
    withholdAfter: (sent) => {
      awaited = sent
    },
    cut,
    async [Symbol.asyncDispose]() {
      cut()
      server.close()
      await once(server, 'close')
    },
  }
}
