import type { Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { createAdaptorServer } from '@hono/node-server'
import { createPulseApi, type PulseApiOptions } from '@millrace/pulse/http'
import { listenOn } from '../../listen-on.ts'
import { createPulseMetrics } from './pulse-metrics.ts'

/** The API on a port of this machine, which only this machine can reach. */
export interface PulseListener extends AsyncDisposable {
  /** `http://127.0.0.1:port` */
  readonly url: string
  /** From now on requests are answered; until then, that it is starting. */
  open(): void
}

export interface PulseListenerOptions extends PulseApiOptions {
  /** 0 for any that is free. */
  readonly port: number
}

const HOST = '127.0.0.1'
const IDLE_MS = 30_000
const MOST_CONNECTIONS = 1000
const LAST_ANSWERS_MS = 1000

/**
 * Listens.
 * @throws {MillraceError} `PORT_UNAVAILABLE`; `OPTION_INVALID` for a token that cannot be.
 */
export async function listenForPulse({ port, ...options }: PulseListenerOptions): Promise<PulseListener> {
  const api = createPulseApi({ ...options, metrics: createPulseMetrics(options.pulse) })
  let isOpen = false
  const server = createAdaptorServer({
    fetch: (request) => (isOpen || request.url.endsWith('/health/live') ? api.fetch(request) : starting()),
    serverOptions: { requestTimeout: IDLE_MS, headersTimeout: IDLE_MS, keepAliveTimeout: IDLE_MS },
  }) as Server
  server.maxConnections = MOST_CONNECTIONS
  await listenOn(server, { host: HOST, port, remedy: 'Choose another with --port; --port 0 takes any that is free.' })
  const { port: taken } = server.address() as AddressInfo
  return {
    url: `http://${HOST}:${taken}`,
    open() {
      isOpen = true
    },
    async [Symbol.asyncDispose]() {
      isOpen = false
      const closed = new Promise((resolve) => server.close(resolve))
      const patience = setTimeout(() => server.closeAllConnections(), LAST_ANSWERS_MS)
      server.closeIdleConnections()
      await closed
      clearTimeout(patience)
    },
  }
}

function starting(): Response {
  const detail = 'The pulse is starting, or is being stopped: ask again in a moment.'
  const body = JSON.stringify({ title: 'Service Unavailable', status: 503, detail, code: 'PULSE_UNAVAILABLE' })
  return new Response(body, {
    status: 503,
    headers: { 'content-type': 'application/problem+json', 'retry-after': '1' },
  })
}
