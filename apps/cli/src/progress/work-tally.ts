import type { WorkEvent } from '@millrace/files/postgres'
import type { Clock } from '@millrace/kernel/clock'
import { formatItems, formatSeconds } from '../text/numbers.ts'

/** What a worker did for one job. */
export interface WorkDone {
  readonly files: number
  readonly batches: number
  /** Files that it gave back, for others to do. */
  readonly returned: number
  /** From when it joined the job, seconds. */
  readonly seconds: number
}

/** Counts what a worker does, job by job. */
export class WorkTally {
  readonly #clock: Clock
  #sinceMs: number | undefined
  #files = 0
  #batches = 0
  #returned = 0

  constructor(clock: Clock) {
    this.#clock = clock
  }

  hear(event: WorkEvent): void {
    if (event.type === 'work-began') this.#sinceMs = this.#clock.now()
    if (event.type !== 'work-committed') return
    this.#files += event.files
    this.#returned += event.returned
    this.#batches++
  }

  /** How far it is with the job at hand, in a line; undefined where it has none. */
  line(): string | undefined {
    if (this.#sinceMs === undefined) return undefined
    return `${formatItems(this.#files, 'file')} done, in ${formatItems(this.#batches, 'batch', 'batches')}`
  }

  /** What it did for the job that is over, from which on it counts anew; undefined where there was none. */
  take(): WorkDone | undefined {
    if (this.#sinceMs === undefined) return undefined
    const seconds = (this.#clock.now() - this.#sinceMs) / 1000
    const done = { files: this.#files, batches: this.#batches, returned: this.#returned, seconds }
    this.#sinceMs = undefined
    this.#files = 0
    this.#batches = 0
    this.#returned = 0
    return done
  }
}

/** What a worker did for a job, as a line that stays. */
export function workDoneLine({ files, batches, returned, seconds }: WorkDone): string {
  const back = returned === 0 ? '' : `; ${formatItems(returned, 'file')} given back`
  return `done: ${formatItems(files, 'file')} in ${formatItems(batches, 'batch', 'batches')}, ${formatSeconds(seconds)}${back}`
}
