import { MillraceError } from '@millrace/kernel/errors'
import { Ring } from '@millrace/kernel/queue/ring'
import { Signal } from '@millrace/kernel/signal'
import { tell } from '@millrace/kernel/tell'
import type { JobCaller, JobId } from '../queue/job.ts'
import type { FractureResult } from '../result/fracture-result.ts'
import type { BatchCompletion, FractureOutcome } from './processor-events.ts'

/** Batches that have not ended: what became of each of their jobs. */
export class BatchBook {
  readonly batchCompleted = new Signal<BatchCompletion>()
  /** By their numbers: how many jobs they have, whose numbers follow. */
  readonly #open = new Map<JobId, number>()
  readonly #ended = new Ring<BatchCompletion>()

  /** Whether there is a batch of whose end nobody has heard. */
  get isDue(): boolean {
    return this.#ended.size > 0
  }

  /** How many jobs a batch has that has not ended. */
  sizeOf(batchId: JobId): number | undefined {
    return this.#open.get(batchId)
  }

  /** Opens a batch, and returns who waits for the job of each of its polygons. */
  open(batchId: JobId, size: number): (index: number) => JobCaller {
    const results = new Array<FractureOutcome>(size)
    let left = size
    const settle = (index: number, outcome: FractureOutcome) => {
      results[index] = outcome
      if (--left === 0) this.#end(batchId, results)
    }
    if (size === 0) this.#end(batchId, results)
    else this.#open.set(batchId, size)
    return (index) => ({
      kind: 'listener',
      completed: (result: FractureResult) => settle(index, result),
      failed: (error) => settle(index, asError(error)),
      cancelled: (reason) => settle(index, asError(reason)),
    })
  }

  /** Tells of the batches that have ended. */
  tell(): void {
    for (let left = this.#ended.size; left > 0; left--) tell(this.batchCompleted, this.#ended.shift()!)
  }

  #end(batchId: JobId, results: readonly FractureOutcome[]): void {
    this.#open.delete(batchId)
    this.#ended.push({ batchId, results })
  }
}

function asError(error: unknown): Error {
  if (error instanceof Error) return error
  return new MillraceError('JOB_CANCELLED', 'fracture: a job of the batch was cancelled by its signal', {
    cause: error,
  })
}
