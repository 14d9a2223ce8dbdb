import type { Job } from './job.ts'

/**
 * Tasks of one kind that travel to a worker together, from when they are handed over until the transport has told of
 * each: what each is to its job.
 *
 * Parcels are used again: who keeps one over time keeps its `serial` too.
 */
export class Parcel {
  /** Its own, as long as there is a pool. */
  readonly number: number
  /** Another one in each use. */
  serial = 0
  task = -1
  count = 0
  /** Entries whose callers wait. */
  wanted = 0
  /** By entry; undefined once nobody waits for it. */
  readonly jobs: (Job | undefined)[] = []
  /** By entry: its number among the inputs of its sink. */
  readonly sequences: number[] = []
  /** By entry: workers that ended while it ran. */
  readonly deaths: number[] = []
  /** Its place among those that were handed over. */
  index = -1
  /** The transport's: by which it is known in messages, and where it is. */
  ticket = -1
  place = -1

  constructor(number: number) {
    this.number = number
  }

  add(job: Job, sequence: number, deaths = 0): void {
    const entry = this.count++
    this.jobs[entry] = job
    this.sequences[entry] = sequence
    this.deaths[entry] = deaths
    this.wanted++
  }

  isWanted(entry: number): boolean {
    return this.jobs[entry] !== undefined
  }

  /** Nobody waits for the entry any more; returns whose it was, if it was anybody's. */
  take(entry: number): Job | undefined {
    const job = this.jobs[entry]
    if (job === undefined) return undefined
    this.jobs[entry] = undefined
    this.wanted--
    return job
  }

  /** Moves the entries from `from` on to `rest`, where they have the same numbers. */
  split(from: number, rest: Parcel): void {
    for (let entry = 0; entry < this.count; entry++) {
      const job = entry < from ? undefined : this.take(entry)
      rest.jobs[entry] = job
      rest.sequences[entry] = this.sequences[entry]!
      rest.deaths[entry] = this.deaths[entry]!
      if (job === undefined) continue
      rest.wanted++
      job.parcel = rest.number
    }
    rest.count = this.count
  }

  reset(): void {
    this.serial++
    for (let entry = 0; this.wanted > 0; entry++) this.take(entry)
    this.count = 0
    this.ticket = -1
    this.place = -1
  }
}
