import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { isOwnerAlive } from '../ledger/job-owner.ts'
import type { Ledger } from '../ledger/ledger.ts'
import { openLedger } from '../ledger/open-ledger.ts'
import type { ForkProcess } from '../worker/child-executor.ts'
import type { JobHome } from './job-home.ts'
import { LastingHome } from './lasting-home.ts'
import { LocalCrew } from './local-crew.ts'

export interface LocalHomeOptions {
  /** @default {@link openLedger} */
  readonly openLedger?: ((stateDir: string) => Promise<Ledger>) | undefined
  /** Starts a worker process. @default `child_process.fork` */
  readonly fork?: ForkProcess | undefined
}

/** This machine: SQLite in the state folder, and worker processes. */
export function localHome({ openLedger: open = openLedger, fork }: LocalHomeOptions = {}): JobHome {
  const home: JobHome = {
    place: (stateDir) => stateDir,
    hasLedger: (stateDir) => existsSync(join(stateDir, 'ledger.db')),
    openLedger: (stateDir, options) => (options === undefined ? open(stateDir) : openLedger(stateDir, options)),
    liveness: async () => (job) => isOwnerAlive(job.owner),
    leaveLedger: (ledger) => ledger.close(),
    // Its number says it all.
    attend: async () => ({ [Symbol.asyncDispose]: async () => {} }),
    crew: (options) => new LocalCrew(options, fork),
    lasting: () => new LastingHome(home, fork),
  }
  return home
}
