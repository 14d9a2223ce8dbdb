import type { Job } from './job.ts'
import { LiveRing } from './live-ring.ts'

/** The jobs in the order in which a full queue drops them: those that no worker has yet. `push` and `shift` are O(lanes), amortised. */
export class DropLine {
  readonly #lanes: readonly LiveRing<Job>[]
  readonly #lowestFirst: boolean

  constructor(lanes: number, lowestFirst: boolean) {
    this.#lanes = Array.from({ length: lanes }, () => new LiveRing(isQueued))
    this.#lowestFirst = lowestFirst
  }

  push(job: Job): void {
    this.#lanes[job.lane]!.push(job)
  }

  /**
   * Takes the job to drop for one that would come in `lane`: the oldest of all, or the oldest of the least urgent lane. Undefined when that is the newcomer
   * itself, less urgent than all that wait, or when none waits.
   */
  shift(lane: number): Job | undefined {
    return (this.#lowestFirst ? this.#lowest(lane) : this.#oldest())?.shift()
  }

  #lowest(least: number): LiveRing<Job> | undefined {
    for (let lane = this.#lanes.length - 1; lane >= least; lane--) {
      if (this.#lanes[lane]!.peek() !== undefined) return this.#lanes[lane]
    }
    return undefined
  }

  #oldest(): LiveRing<Job> | undefined {
    let oldest: LiveRing<Job> | undefined
    let id = Number.POSITIVE_INFINITY
    for (const lane of this.#lanes) {
      const job = lane.peek()
      if (job === undefined || job.id >= id) continue
      oldest = lane
      id = job.id
    }
    return oldest
  }
}

function isQueued({ place }: Job): boolean {
  return place >= 0
}
