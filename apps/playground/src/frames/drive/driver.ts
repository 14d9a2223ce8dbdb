import type { Trace } from '@millrace/kernel/observe/trace'
import type { JobName } from './workload.ts'

/** Spans that a driver's trace holds: some seconds. */
export const TRACE_SPANS = 65_536

/** What runs the systems, a frame at a time. */
export interface Driver {
  /** What ran when; its tracks are the lanes. */
  readonly trace: Trace
  budgetMs: number
  runFrame(deltaMs: number): void
  /** Queues a job for a fish. Returns false when there is no room for one more. */
  submit(job: JobName, fish: number): boolean
  /** Jobs that wait in a lane. */
  queueDepth(lane: number): number
}
