import { Ring } from '@millrace/kernel/queue/ring'
import type { Job } from './job.ts'

/**
 * The jobs in the order in which a full queue drops them: those that no worker has yet.
 *
 * Jobs that left the queue otherwise are passed over when their turn comes; as they leave from the front, mostly, few are kept. `push` and `shift` are
 * O(lanes), amortised.
 */
export class DropLine {
  readonly #lanes: readonly Ring<Job>[]
  readonly #lowestFirst: boolean

  constructor(lanes: number, lowestFirst: boolean) {
    this.#lanes = Array.from({ length: lanes }, () => new Ring())
    this.#lowestFirst = lowestFirst
  }

  push(job: Job): void {
    const lane = this.#lanes[job.lane]!
    first(lane)
    lane.push(job)
  }

  /**
   * Takes the job to drop for one that would come in `lane`: the oldest of all, or the oldest of the least urgent lane. Undefined when that is the newcomer
   * itself, less urgent than all that wait, or when none waits.
   */
  shift(lane: number): Job | undefined {
    return (this.#lowestFirst ? this.#lowest(lane) : this.#oldest())?.shift()
  }

  #lowest(least: number): Ring<Job> | undefined {
    for (let lane = this.#lanes.length - 1; lane >= least; lane--) {
      if (first(this.#lanes[lane]!) !== undefined) return this.#lanes[lane]
    }
    return undefined
  }

  #oldest(): Ring<Job> | undefined {
    let oldest: Ring<Job> | undefined
    let id = Number.POSITIVE_INFINITY
    for (const lane of this.#lanes) {
      const job = first(lane)
      if (job === undefined || job.id >= id) continue
      oldest = lane
      id = job.id
    }
    return oldest
  }
}

/** The first that still waits; those before it are let go. */
function first(lane: Ring<Job>): Job | undefined {
  for (let job = lane.peek(); job !== undefined; job = lane.peek()) {
    if (job.state === 'waiting' && job.cut?.state === 'queued') return job
    lane.shift()
  }
  return undefined
}
