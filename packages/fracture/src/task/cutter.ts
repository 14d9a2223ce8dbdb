import type { Budget } from '@millrace/kernel/execute/budget'
import type { Job } from '../queue/job.ts'
import type { PackedFragments } from '../result/packed-fragments.ts'
import type { Cut } from './cut.ts'

/** What a cutter asks and tells. */
export interface CutterPort {
  /** The job whose turn it is, of those that may begin, left where it is. */
  readonly peek: (mayBeLight: boolean, mayBeHeavy: boolean) => Job | undefined
  /** Takes that job: returns what is to be cut, or nothing where its result is there already or is being made. */
  readonly take: (job: Job) => Cut<Job> | undefined
  /** What a job's cut is expected to take, by what is known now, in ms. */
  readonly predict: (job: Job) => number
  /** How many cuts that are soon done may be under way: frames will have time for their results. */
  readonly room: () => number
  /** A cut is done, and took so many ms, those of its waiting left out. */
  readonly onDone: (cut: Cut<Job>, packed: PackedFragments, ms: number) => void
  readonly onFault: (cut: Cut<Job>, error: unknown) => void
  /** A cut is so far: 0 to 1. */
  readonly onProgress: (cut: Cut<Job>, fraction: number) => void
}

/** Cuts what jobs wait for: in workers, or on the caller. */
export interface Cutter {
  /** Cuts that were begun and are not over. */
  readonly running: number
  /** A job has come. Nothing is begun before this returns. */
  wake(): void
  /** A frame begins, and its budget: takes in what was cut since the last one, and begins more. */
  takeIn(budget: Budget): void
  /** A frame has what `budget` has left for cutting. */
  serve(budget: Budget): void
  /** Nobody waits for a cut that runs any more: it is not told how it ends. */
  stop(cut: Cut<Job>): void
  /** Ends the workers, once nothing runs, or after so many ms. A second call may only make it sooner. @default Infinity */
  close(withinMs?: number): Promise<void>
}
