import type { AddressInfo } from 'node:net'
import { MillraceError } from '@millrace/kernel/errors'
import { createHttpServer } from '../control/http-server.ts'
import type { Routes } from '../control/routes.ts'

/** `/metrics` and `/health` on a port of this machine, which only this machine can reach. */
export interface MetricsServer extends Disposable {
  readonly url: string
}

const HOST = '127.0.0.1'

/**
 * Listens on a port; 0 takes a free one.
 * @throws {MillraceError} `METRICS_UNAVAILABLE` where the port cannot be had.
 */
export async function openMetricsServer(port: number, routes: Routes): Promise<MetricsServer> {
  const server = createHttpServer(routes)
  try {
    await new Promise<void>((resolve, reject) => {
      server.once('error', reject)
      server.listen(port, HOST, resolve)
    })
  } catch (cause) {
    const code = cause instanceof Error && 'code' in cause ? String(cause.code) : String(cause)
    const why = code === 'EADDRINUSE' ? 'it is in use' : code === 'EACCES' ? 'it may not be used' : code
    throw new MillraceError(
      'METRICS_UNAVAILABLE',
      `Port ${port} cannot be had for metrics: ${why}. Name another one, or 0 for any that is free.`,
      { detail: { port, errno: code }, cause },
    )
  }
  const { port: taken } = server.address() as AddressInfo
  return {
    url: `http://${HOST}:${taken}/metrics`,
    [Symbol.dispose]() {
      server.close()
      server.closeAllConnections()
    },
  }
}
