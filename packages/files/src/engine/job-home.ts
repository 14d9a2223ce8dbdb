import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { isOwnerAlive } from '../ledger/job-owner.ts'
import type { JobOwner, JobRow, Ledger } from '../ledger/ledger.ts'
import { type OpenLedgerOptions, openLedger } from '../ledger/open-ledger.ts'
import type { ForkProcess } from '../worker/child-executor.ts'
import type { Crew, CrewOptions } from './crew.ts'
import { LocalCrew } from './local-crew.ts'

/** Where jobs are kept, and who does their work. */
export interface JobHome {
  /** Where the ledger lies, for messages. */
  place(stateDir: string): string
  /** Whether there is a ledger, as far as can be told without opening it. */
  hasLedger(stateDir: string): boolean
  openLedger(stateDir: string, options?: OpenLedgerOptions): Promise<Ledger>
  /** Tells of the jobs of a ledger whether the process that they name works on them, or waits for them. */
  liveness(ledger: Ledger): Promise<(job: JobRow) => boolean>
  /** Shows others, wherever they are, that this process waits for the ledger, until the result is disposed of. */
  attend(owner: JobOwner): Promise<AsyncDisposable>
  crew(options: CrewOptions): Crew
}

export interface LocalHomeOptions {
  /** @default {@link openLedger} */
  readonly openLedger?: ((stateDir: string) => Promise<Ledger>) | undefined
  /** Starts a worker process. @default `child_process.fork` */
  readonly fork?: ForkProcess | undefined
}

/** This machine: SQLite in the state folder, and worker processes. */
export function localHome({ openLedger: open = openLedger, fork }: LocalHomeOptions = {}): JobHome {
  return {
    place: (stateDir) => stateDir,
    hasLedger: (stateDir) => existsSync(join(stateDir, 'ledger.db')),
    openLedger: (stateDir, options) => (options === undefined ? open(stateDir) : openLedger(stateDir, options)),
    liveness: async () => (job) => isOwnerAlive(job.owner),
    // Its number says it all.
    attend: async () => ({ [Symbol.asyncDispose]: async () => {} }),
    crew: (options) => new LocalCrew(options, fork),
  }
}
