import type { IntentDefinition } from './intent/define-intent.ts'
import type { Intent, IntentOutcome, IntentResult } from './intent/intent.ts'
import type { HealthStatus, PipelineMetrics } from './observe/pipeline-metrics.ts'
import type { BatchingOptions } from './scheduler-options.ts'

/** An intent of one of the types of `Definitions`. */
export type IntentFor<Definitions extends readonly IntentDefinition[]> = {
  [At in keyof Definitions]: Definitions[At] extends IntentDefinition<infer Type, infer Input, infer _>
    ? Intent<Type, Input>
    : never
}[number]

export interface SubmitOptions {
  /** Withdraws the intent while it waits: it rejects with the signal's reason. What is being written already settles as it goes. */
  readonly signal?: AbortSignal | undefined
}

export interface StopOptions {
  /** Ms in which what was accepted is to be written, at least 0. @default 30000 */
  readonly withinMs?: number
}

/** What {@link BatchScheduler.stop} could not do. */
export interface StopReport {
  /** Intents that were not written: each ended with `SCHEDULER_STOPPED`. */
  readonly unwritten: readonly Intent[]
  /** Intents in batches whose answer had not come: each ended with `OUTCOME_UNKNOWN`. */
  readonly unknown: readonly Intent[]
}

/** Many small writes as few large ones. */
export interface BatchScheduler<Definitions extends readonly IntentDefinition[] = readonly IntentDefinition[]>
  extends AsyncDisposable {
  /** Opens the sink and begins to write. What was submitted before waits for it. */
  start(): Promise<void>
  /** Refuses what comes, writes what it has within a deadline, tells what it could not, and closes the sink. Idempotent. */
  stop(options?: StopOptions): Promise<StopReport>
  /** Changes how batches are formed, from the next one on. */
  configure(options: BatchingOptions): void
  /** Resolves when the intent is committed, with its own result; rejects with its own error. */
  submit(intent: IntentFor<Definitions>, options?: SubmitOptions): Promise<IntentResult>
  /** Submits without a waiter: costs no promise. What fails goes to the dead letters and the log. */
  enqueue(intent: IntentFor<Definitions>): void
  /** Submits several, and tells how each ended, in their order. Never rejects because of one of them. */
  submitMany(intents: readonly IntentFor<Definitions>[], options?: SubmitOptions): Promise<readonly IntentOutcome[]>
  /** Submits dead letters again, the oldest first, and removes each that is committed. Returns how many. */
  redrive(limit?: number): Promise<{ readonly committed: number; readonly failed: number }>
  readonly health: HealthStatus
  readonly metrics: PipelineMetrics
}
