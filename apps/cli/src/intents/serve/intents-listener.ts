import type { IncomingMessage, Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { Duplex } from 'node:stream'
import { createAdaptorServer } from '@hono/node-server'
import type { BatchScheduler } from '@millrace/intents'
import { createIntentRoutes } from '@millrace/intents/http'
import { attachIntentSocket } from '@millrace/intents/websocket'
import type { Hono } from 'hono'
import { bearerAuth } from 'hono/bearer-auth'
import { WebSocketServer } from 'ws'
import { isLoopback, type ServeSettings } from '../../config/intents-settings.ts'
import { listenOn } from '../../listen-on.ts'
import { createIntentsMetrics } from './intents-metrics.ts'
import { isOwnHost } from './trusted-host.ts'

/** A port on which intents are taken, over HTTP and WebSocket. */
export interface IntentsListener extends AsyncDisposable {
  /** `http://host:port` */
  readonly url: string
  /** Takes no more connections; what comes over those there are is refused, once the scheduler is being stopped. */
  quiesce(): void
  /** Resolves when all answers have been given, or after `withinMs`: then what is open is cut off. */
  close(withinMs: number): Promise<void>
}

export type ListenerSettings = Pick<ServeSettings, 'host' | 'port' | 'tokens' | 'origins' | 'rateLimit'>

const PATH = '/intents'
/** Silence after which a connection is cut off; the client of a slow commit is silent, too. */
const IDLE_MS = 120_000
const HEADERS_MS = 10_000
const KEEP_ALIVE_MS = 65_000
const MOST_CONNECTIONS = 10_000
const MESSAGE_BYTES = 1_048_576

/**
 * Listens. Bodies may take as long as they do, for a stream of lines has no end; headers, silence and numbers are bounded.
 * @throws {MillraceError} `PORT_UNAVAILABLE`; `OPTION_INVALID` for a token or a rate that cannot be.
 */
export async function listenForIntents(
  scheduler: BatchScheduler,
  settings: ListenerSettings,
): Promise<IntentsListener> {
  const { host, port, tokens, origins, rateLimit } = settings
  const access = { tokens, ...(rateLimit !== undefined && { rateLimit }) }
  const sockets = new WebSocketServer({ noServer: true, maxPayload: MESSAGE_BYTES })
  const routes = createIntentRoutes(scheduler, access)
  addMetrics(routes, scheduler, tokens)
  const isTrusted = (name: string | undefined) => tokens.length > 0 || !isLoopback(host) || isOwnHost(name)
  const server = createAdaptorServer({
    fetch: (request, env) =>
      isTrusted(request.headers.get('host') ?? undefined) ? routes.fetch(request, env) : notOurs(),
    serverOptions: { requestTimeout: 0, headersTimeout: HEADERS_MS, keepAliveTimeout: KEEP_ALIVE_MS },
  }) as Server
  server.timeout = IDLE_MS
  server.maxConnections = MOST_CONNECTIONS
  server.on('upgrade', (request: IncomingMessage, socket: Duplex, head: Buffer) => {
    const path = request.url?.split('?', 1)[0]
    if (path !== PATH || !isTrusted(request.headers.host)) {
      socket.end(`HTTP/1.1 ${path === PATH ? '403 Forbidden' : '404 Not Found'}\r\nConnection: close\r\n\r\n`)
      return
    }
    sockets.handleUpgrade(request, socket, head, (webSocket) => sockets.emit('connection', webSocket, request))
  })
  await listenOn(server, {
    host,
    port,
    remedy: 'Choose others with --port and --host; --port 0 takes any that is free.',
  })
  const intentSocket = attachIntentSocket(sockets, scheduler, { ...access, origins, maxMessageBytes: MESSAGE_BYTES })
  const { port: taken } = server.address() as AddressInfo
  const closed = Promise.withResolvers<void>()
  let answered = Promise.resolve()
  const listener: IntentsListener = {
    url: `http://${host.includes(':') ? `[${host.replace(/^\[|\]$/g, '')}]` : host}:${taken}`,
    quiesce() {
      server.close(() => closed.resolve())
      answered = intentSocket.stop()
    },
    async close(withinMs) {
      const patience = setTimeout(() => {
        for (const socket of sockets.clients) socket.terminate()
        server.closeAllConnections()
      }, withinMs)
      server.closeIdleConnections()
      await Promise.all([answered, closed.promise])
      clearTimeout(patience)
      sockets.close()
    },
    async [Symbol.asyncDispose]() {
      listener.quiesce()
      await listener.close(0)
    },
  }
  return listener
}

function addMetrics(routes: Hono, scheduler: BatchScheduler, tokens: readonly string[]): void {
  const metrics = createIntentsMetrics(scheduler)
  if (tokens.length > 0) routes.use('/metrics', bearerAuth({ token: [...tokens] }))
  routes.get('/metrics', async (context) =>
    context.body(await metrics.text(), 200, { 'content-type': metrics.contentType }),
  )
}

function notOurs(): Response {
  const detail = 'This server is for its own machine: ask it as localhost, or give it a token.'
  return new Response(JSON.stringify({ title: 'Misdirected Request', status: 421, detail }), {
    status: 421,
    headers: { 'content-type': 'application/problem+json' },
  })
}
