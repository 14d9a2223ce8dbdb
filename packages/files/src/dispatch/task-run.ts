import type { Clock } from '@millrace/kernel/clock'
import type { AssignedFile, ExecutorReport } from '../worker/executor.ts'
import type { Trial } from './after-death.ts'
import type { OpenBatch, RetryRule } from './open-batch.ts'
import type { Starvation } from './starvation.ts'
import type { NumberedWorker } from './worker-set.ts'

/** Files of one batch that go to a worker together. */
export interface Task<F extends AssignedFile> {
  readonly open: OpenBatch<F>
  readonly files: readonly F[]
  readonly trial: Trial
}

/** A task in a worker's hands: how far it is, by what the worker reports. */
export class TaskRun<F extends AssignedFile> {
  /** Files that failed and may succeed later. */
  readonly again: F[] = []
  readonly #task: Task<F>
  readonly #worker: NumberedWorker
  readonly #clock: Clock
  readonly #started: number
  #timed: number
  #done = 0

  constructor(task: Task<F>, worker: NumberedWorker, clock: Clock) {
    this.#task = task
    this.#worker = worker
    this.#clock = clock
    this.#started = clock.now()
    this.#timed = this.#started
  }

  /** Files not reported, in order. */
  get undone(): readonly F[] {
    return this.#task.files.slice(this.#done)
  }

  /** Time it has taken, milliseconds. */
  get ms(): number {
    return this.#clock.now() - this.#started
  }

  /** Takes a report on `files`, the part of the task that begins at its file number `from`. */
  take(report: ExecutorReport, files: readonly F[], from: number, rule: RetryRule, starvation: Starvation<F>): void {
    const { open } = this.#task
    this.#done = from + report.next
    starvation.take(files, report)
    const again = open.takeReport(files, report, rule)
    for (const file of again) this.again.push(file)
    const { delivered, confirmed, failed } = report
    this.#worker.files += delivered.length + confirmed.length + failed.length - again.length
    this.addTime()
  }

  /** Puts the time since it was put down last on the batch's account. */
  addTime(): void {
    const now = this.#clock.now()
    this.#task.open.addTime(now - this.#timed)
    this.#timed = now
  }
}
