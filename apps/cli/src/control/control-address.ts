import { createHash } from 'node:crypto'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

/** The machine, as far as the name of a socket depends on it. */
export interface AddressHost {
  readonly platform: NodeJS.Platform
  /** Where sockets go whose own place has too long a path. */
  readonly tmpdir: string
}

/** The control socket's name in the state folder. */
const NAME = 'control.sock'
/** The longest path that every system takes for a socket, bytes: macOS takes 103, Linux 107. */
const LONGEST_PATH = 100

/**
 * Where the job that has the ledger in `stateDir` listens: `control.sock` beside the ledger; where that path is too long for a socket, a short
 * name in the system's temporary folder; on Windows a named pipe. Depends on nothing but the folder's absolute path.
 */
export function controlAddress(
  stateDir: string,
  host: AddressHost = { platform: process.platform, tmpdir: tmpdir() },
): string {
  const hash = createHash('sha256').update(stateDir).digest('hex').slice(0, 16)
  if (host.platform === 'win32') return `\\\\.\\pipe\\millrace-${hash}`
  const beside = join(stateDir, NAME)
  // The name under which it is made is longer than the one it gets.
  return Buffer.byteLength(makingName(beside)) <= LONGEST_PATH ? beside : join(host.tmpdir, `millrace-${hash}.sock`)
}

/** The name under which this process makes a socket, before it takes its place. */
export function makingName(address: string): string {
  return `${address}.${process.pid}`
}
