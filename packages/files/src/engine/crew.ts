import type { Clock } from '@millrace/kernel/clock'
import type { Dispatch } from '../dispatch/dispatch.ts'
import type { DurableOutcome } from '../dispatch/durable-outcome.ts'
import type { BatchOutcome } from '../dispatch/outcome.ts'
import type { LedgerFile } from '../ledger/ledger.ts'
import type { Processor } from '../processor/processor.ts'
import type { ResolvedConfig } from './config.ts'
import type { EngineEvent } from './events.ts'

/** What is known of a job before its ledger is open. */
export interface CrewOptions {
  readonly clock: Clock
  /** Absolute path of the tree. */
  readonly root: string
  /** What relative processors are resolved against. */
  readonly base: string
  /** The configuration as it is now. */
  readonly config: () => ResolvedConfig
  readonly emit: (event: EngineEvent) => void
}

/** A job that is about to have its batches done. */
export interface JobWork {
  readonly jobId: string
  readonly processors: readonly Processor[]
  /** Most batches at once to begin with, as far as that is for this machine to say. */
  readonly concurrency: number
  /** A number for a batch that is made of what came back of others. */
  readonly nextBatchId: () => number
  /** Makes an outcome durable, where that is done here. */
  readonly commit: (outcome: BatchOutcome<LedgerFile>) => Promise<void>
  /** Takes in an outcome that is durable. */
  readonly onDurable: (outcome: DurableOutcome<LedgerFile>) => void
}

/** Who does a job's batches. Made before the ledger is open: workers take longest to start. */
export interface Crew extends AsyncDisposable {
  /** Has workers started ahead of need, until there are `count`. */
  warm(count: number): void
  /** Lets idle workers go that were started ahead: the job has to wait. */
  rest(why: string): void
  /** How many are to work at once where `concurrency` is what this machine's configuration says. */
  wanted(concurrency: number): number
  /** Takes up a job; called once. */
  dispatch(work: JobWork): Dispatch<LedgerFile>
}
