import type { JobOwner, JobRow, Ledger } from '../ledger/ledger.ts'
import type { OpenLedgerOptions } from '../ledger/open-ledger.ts'
import type { Crew, CrewOptions } from './crew.ts'

/** Where jobs are kept, and who does their work. */
export interface JobHome {
  /** Where the ledger lies, for messages. */
  place(stateDir: string): string
  /** Whether there is a ledger, as far as can be told without opening it. */
  hasLedger(stateDir: string): boolean
  openLedger(stateDir: string, options?: OpenLedgerOptions): Promise<Ledger>
  /** Ends the use of a ledger that a job had opened here. */
  leaveLedger(ledger: Ledger): Promise<void>
  /** Tells of the jobs of a ledger whether the process that they name works on them, or waits for them. */
  liveness(ledger: Ledger): Promise<(job: JobRow) => boolean>
  /** Shows others, wherever they are, that this process waits for the ledger, until the result is disposed of. */
  attend(owner: JobOwner): Promise<AsyncDisposable>
  crew(options: CrewOptions): Crew
  /** The same home for who starts job after job: what takes long to start stays for the next one. Left out where nothing does. */
  lasting?(): JobHome & AsyncDisposable
}
