import { chmodSync, lstatSync, renameSync, rmSync } from 'node:fs'
import type { Server } from 'node:http'
import { MillraceError } from '@millrace/kernel/errors'
import { controlAddress, makingName } from './control-address.ts'
import { createHttpServer } from './http-server.ts'
import type { Routes } from './routes.ts'

/** A socket on which the job that runs can be reached, by this user only. */
export interface ControlServer extends Disposable {
  /** The socket's path; on Windows the pipe's name. */
  readonly address: string
  /**
   * Takes no more connections and takes the socket away, before it returns: the next owner of the ledger may make its own right after. Requests in
   * hand are still answered, until it is disposed of. Idempotent.
   */
  stopListening(): void
}

/**
 * Listens beside the ledger in `stateDir`. Only the process that has the ledger may do so: a socket that is there already is then a dead
 * process's, and gives way.
 * @throws {MillraceError} `CONTROL_UNAVAILABLE` where no socket can be made there.
 */
export async function openControlServer(stateDir: string, routes: Routes): Promise<ControlServer> {
  const address = controlAddress(stateDir)
  const server = createHttpServer(routes)
  try {
    let takeAway = () => {}
    if (process.platform === 'win32') await listen(server, address)
    else takeAway = await listenInPlace(server, address)
    const stopListening = () => {
      if (!server.listening) return
      takeAway()
      server.close()
    }
    return {
      address,
      stopListening,
      [Symbol.dispose]() {
        stopListening()
        server.closeAllConnections()
      },
    }
  } catch (cause) {
    server.close()
    const why = cause instanceof Error ? cause.message : String(cause)
    throw new MillraceError(
      'CONTROL_UNAVAILABLE',
      `Other commands cannot reach this job: ${address} cannot be listened on: ${why}. The job itself goes on.`,
      { detail: { address }, cause },
    )
  }
}

/**
 * Makes the socket under a name of its own and moves it into place. That replaces a dead process's socket and narrows the mode in one
 * step; and closing the server, which removes the name it was made under, cannot remove a later owner's.
 */
async function listenInPlace(server: Server, address: string): Promise<() => void> {
  const made = makingName(address)
  refuseOther(address)
  rmSync(made, { force: true })
  await listen(server, made)
  try {
    chmodSync(made, 0o600)
    renameSync(made, address)
  } catch (error) {
    rmSync(made, { force: true })
    throw error
  }
  const own = lstatSync(address).ino
  return () => {
    if (lstatSync(address, { throwIfNoEntry: false })?.ino === own) rmSync(address, { force: true })
  }
}

function refuseOther(address: string): void {
  const there = lstatSync(address, { throwIfNoEntry: false })
  if (there !== undefined && !there.isSocket()) throw new Error('something else is there that is not a socket')
}

function listen(server: Server, path: string): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', reject)
    server.listen({ path }, () => {
      server.off('error', reject)
      resolve()
    })
  })
}
