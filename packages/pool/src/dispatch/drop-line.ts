import { Ring } from '@millrace/kernel/queue/ring'
import type { Job } from './job.ts'

interface Entry {
  readonly job: Job
  readonly order: number
}

/**
 * The queued jobs in the order in which a full queue drops them, for `drop-oldest` and `drop-lowest`.
 *
 * Jobs that left the queue otherwise are passed over when their turn comes; as they leave from the front, mostly, few
 * are kept. `push` and `shift` are O(lanes), amortised.
 */
export class DropLine {
  readonly #lanes: readonly Ring<Entry>[]
  readonly #lowestFirst: boolean
  #order = 0

  constructor(lanes: number, lowestFirst: boolean) {
    this.#lanes = Array.from({ length: lanes }, () => new Ring())
    this.#lowestFirst = lowestFirst
  }

  push(job: Job): void {
    const lane = this.#lanes[job.lane]!
    prune(lane)
    lane.push({ job, order: this.#order++ })
  }

  /**
   * Takes the job to drop for one that would come in `lane`: the oldest of all, or the oldest of the least urgent lane.
   * Undefined when that is the newcomer itself, less urgent than all that are queued.
   */
  shift(lane: number): Job | undefined {
    const from = this.#lowestFirst ? this.#lowest(lane) : this.#oldest()
    return from?.shift()?.job
  }

  #lowest(least: number): Ring<Entry> | undefined {
    for (let lane = this.#lanes.length - 1; lane >= least; lane--) {
      const jobs = this.#lanes[lane]!
      if (prune(jobs)) return jobs
    }
    return undefined
  }

  #oldest(): Ring<Entry> | undefined {
    let oldest: Ring<Entry> | undefined
    for (const jobs of this.#lanes) {
      if (prune(jobs) && (oldest === undefined || jobs.peek()!.order < oldest.peek()!.order)) oldest = jobs
    }
    return oldest
  }
}

/** Drops from the front what is queued no more; returns whether anything is left. */
function prune(jobs: Ring<Entry>): boolean {
  for (let first = jobs.peek(); first !== undefined; first = jobs.peek()) {
    if (first.job.state === 'queued') return true
    jobs.shift()
  }
  return false
}
