import { connect, createServer, type Socket } from 'node:net'

/** What stands between a client and a server, sees what passes, and can keep it back. */
export interface WireProxy extends AsyncDisposable {
  readonly port: number
  /** Times at which the client waited: changes from what it sent to what it was answered. */
  roundTrips: number
  /** Statements the client sent, by the number of their executions. */
  executions: number
  /** Called for what the client sends; by false it is not passed on, and the connection is cut. */
  onRequest: ((bytes: Buffer) => boolean) | undefined
  /** Called for what the server answers; by false it is not passed on, and the connection is cut; by `hold` it only is not passed on. */
  onAnswer: ((bytes: Buffer) => boolean | 'hold') | undefined
}

/** Opens a proxy on loopback to a server's port. */
export async function openWireProxy(serverPort: number): Promise<WireProxy> {
  const sockets = new Set<Socket>()
  const listener = createServer((client) => {
    const server = connect(serverPort, '127.0.0.1')
    let asking = false
    const cut = () => {
      client.destroy()
      server.destroy()
    }
    for (const socket of [client, server]) {
      sockets.add(socket)
      socket.setNoDelay(true)
      socket.on('error', cut)
      socket.on('close', () => {
        sockets.delete(socket)
        cut()
      })
    }
    client.on('data', (bytes) => {
      asking = true
      proxy.executions += executionsIn(bytes)
      if (proxy.onRequest?.(bytes) === false) cut()
      else server.write(bytes)
    })
    server.on('data', (bytes) => {
      if (asking) proxy.roundTrips++
      asking = false
      const passes = proxy.onAnswer?.(bytes) ?? true
      if (passes === false) cut()
      else if (passes === true) client.write(bytes)
    })
  })
  await new Promise<void>((resolve) => listener.listen(0, '127.0.0.1', resolve))
  const address = listener.address()
  const proxy: WireProxy = {
    port: typeof address === 'object' && address !== null ? address.port : 0,
    roundTrips: 0,
    executions: 0,
    onRequest: undefined,
    onAnswer: undefined,
    async [Symbol.asyncDispose]() {
      for (const socket of sockets) socket.destroy()
      await new Promise((resolve) => listener.close(resolve))
    },
  }
  return proxy
}

/** Execute messages, by their form: `E`, a length of 9, the unnamed portal, and all rows. */
function executionsIn(bytes: Buffer): number {
  const execute = Buffer.from([0x45, 0, 0, 0, 9, 0, 0, 0, 0, 0])
  let count = 0
  for (let at = bytes.indexOf(execute); at >= 0; at = bytes.indexOf(execute, at + execute.length)) count++
  return count
}
