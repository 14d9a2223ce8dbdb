import type { Server } from 'node:http'
import { MillraceError } from '@millrace/kernel/errors'

export interface ListenOptions {
  /** IPv6 may have brackets. */
  readonly host: string
  /** 0 for any that is free. */
  readonly port: number
  /** What to do where it cannot be had, in a sentence. */
  readonly remedy: string
}

/**
 * Listens.
 * @throws {MillraceError} `PORT_UNAVAILABLE`.
 */
export async function listenOn(server: Server, { host, port, remedy }: ListenOptions): Promise<void> {
  try {
    await new Promise<void>((resolve, reject) => {
      server.once('error', reject)
      server.listen(port, host.replace(/^\[|\]$/g, ''), () => {
        server.off('error', reject)
        resolve()
      })
    })
  } catch (cause) {
    const errno = cause instanceof Error && 'code' in cause ? String(cause.code) : String(cause)
    throw new MillraceError(
      'PORT_UNAVAILABLE',
      `Port ${port} of ${host} cannot be listened on: ${reasons[errno] ?? errno}. ${remedy}`,
      { detail: { host, port, errno }, cause },
    )
  }
}

const reasons: Readonly<Record<string, string>> = {
  EADDRINUSE: 'it is in use',
  EACCES: 'this user may not',
  EADDRNOTAVAIL: 'it is no address of this machine',
  ENOTFOUND: 'there is no such host',
}
