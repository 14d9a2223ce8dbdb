import type { Clock } from '@millrace/kernel/clock'
import type { Budget } from '@millrace/kernel/execute/budget'
import { CostModel } from '@millrace/kernel/learn/cost-model'
import { Ewma } from '@millrace/kernel/learn/ewma'
import { cutKeyOf } from '../cache/cut-key.ts'
import { type CacheStats, ResultCache } from '../cache/result-cache.ts'
import { workSizeOf } from '../learn/work-size.ts'
import type { CutParams } from '../patterns/check-params.ts'
import type { FracturePattern } from '../patterns/fracture-params.ts'
import type { Polygon } from '../polygon/polygon.ts'
import type { Job } from '../queue/job.ts'
import { JobQueue } from '../queue/job-queue.ts'
import type { PackedFragments } from '../result/packed-fragments.ts'
import { Cut } from './cut.ts'
import type { Cutter, CutterPort } from './cutter.ts'

/** What is believed of a cutting before one was seen, by points times cuts. */
const PRIOR = { baseMs: 0.05, msPerUnit: 0.0004 }
/** The specification's, for the mean of all. */
const ALPHA = 0.2
const USUAL = 32 * 16

export interface CutDeskOptions {
  readonly clock: Clock
  readonly lanes: number
  readonly ageMs: number
  /** A cut that is expected to take longer is one of which not all workers may have one. */
  readonly heavyMs: number
  readonly cacheBytes: number
  readonly connect: (port: CutterPort) => Cutter
  /** How many cuts may be under way: frames will have time for their results. */
  readonly room: () => number
  /** A job has its result, or its error. */
  readonly onReady: (job: Job) => void
  /** A job that waits is so far. */
  readonly onProgress: (job: Job, fraction: number) => void
}

/**
 * Has polygons cut, each once: queue → cache → cutter. Jobs wait for their turn; then those that ask for what is kept have it, and those that ask for
 * what is being cut already wait for it together.
 */
export class CutDesk {
  readonly cutter: Cutter
  readonly #options: CutDeskOptions
  readonly #queue: JobQueue
  readonly #cache: ResultCache | undefined
  readonly #costs = new CostModel({ prior: PRIOR })
  readonly #seen = new Set<FracturePattern>()
  readonly #meanMs = new Ewma({ alpha: ALPHA })

  constructor(options: CutDeskOptions) {
    this.#options = options
    this.#queue = new JobQueue(options)
    this.#cache = options.cacheBytes === 0 ? undefined : new ResultCache(options.cacheBytes)
    this.cutter = options.connect({
      peek: (mayBeLight, mayBeHeavy) => this.#queue.peek(mayBeLight, mayBeHeavy),
      take: (job) => this.#take(job),
      predict: ({ params, size }) => this.#costs.predict(params!.common.pattern, size),
      room: options.room,
      onDone: (cut, packed, ms) => this.#finish(cut, packed, ms),
      onFault: (cut, error) => this.#end(cut, undefined, error),
      onProgress: (cut, fraction) => this.#progress(cut, fraction),
    })
  }

  /** Jobs that wait for their turn. */
  get queued(): number {
    return this.#queue.size
  }

  /** What a polygon of 32 points takes that is cut into 16, in ms, by pattern: those that were seen. */
  get learned(): Readonly<Record<string, number>> {
    return Object.fromEntries(Array.from(this.#seen, (pattern) => [pattern, this.#costs.predict(pattern, USUAL)]))
  }

  /** The mean of what cuts took of late, in ms; NaN before the first. */
  get meanMs(): number {
    return this.#meanMs.value
  }

  get cacheStats(): CacheStats {
    return this.#cache?.stats ?? { hits: 0, misses: 0, coalesced: 0, entries: 0, bytes: 0 }
  }

  /** Has a job wait for its turn. */
  request(job: Job, polygon: Polygon, params: CutParams): void {
    job.polygon = polygon
    job.params = params
    job.size = workSizeOf(polygon, params.common)
    job.predictedMs = this.#costs.predict(params.common.pattern, job.size)
    job.isHeavy = job.predictedMs > this.#options.heavyMs
    this.#queue.push(job, this.#options.clock.now())
    this.cutter.wake()
  }

  /** A job no longer waits. What nobody waits for is not cut. O(jobs of the cut). */
  leave(job: Job): void {
    const { cut } = job
    if (job.place >= 0) this.#queue.remove(job)
    if (cut === undefined) return
    job.cut = undefined
    cut.jobs.splice(cut.jobs.indexOf(job), 1)
    if (cut.jobs.length > 0) return
    this.#cache?.end(cut)
    cut.isRunning = false
    this.cutter.stop(cut)
  }

  takeIn(budget: Budget): void {
    this.cutter.takeIn(budget)
  }

  serve(budget: Budget): void {
    this.cutter.serve(budget)
  }

  /** A job's turn has come: it gets what is kept, waits for what is being cut already, or else for a cut of its own, which is returned. */
  #take(job: Job): Cut<Job> | undefined {
    this.#queue.remove(job)
    const polygon = job.polygon!
    const params = job.params!
    const key = this.#cache === undefined ? undefined : cutKeyOf(polygon, params.numbers)
    if (key !== undefined) {
      const packed = this.#cache?.find(key)
      if (packed !== undefined) {
        this.#ready(job, packed, undefined)
        return undefined
      }
      const known = this.#cache?.join(key)
      if (known !== undefined) {
        known.jobs.push(job)
        job.cut = known
        return undefined
      }
    }
    const cut = new Cut<Job>(polygon, params, key, job)
    this.#cache?.begin(cut)
    cut.predictedMs = this.#costs.predict(params.common.pattern, job.size)
    cut.jobs.push(job)
    job.cut = cut
    return cut
  }

  #finish(cut: Cut<Job>, packed: PackedFragments, ms: number): void {
    const { pattern } = cut.params.common
    this.#costs.observe(pattern, cut.size, ms)
    this.#seen.add(pattern)
    this.#meanMs.observe(ms)
    if (cut.key !== undefined) this.#cache?.keep(cut.key, packed)
    this.#end(cut, packed, undefined)
  }

  #end(cut: Cut<Job>, packed: PackedFragments | undefined, error: unknown): void {
    cut.isRunning = false
    this.#cache?.end(cut)
    for (const job of cut.jobs) this.#ready(job, packed, error)
  }

  #ready(job: Job, packed: PackedFragments | undefined, error: unknown): void {
    job.cut = undefined
    // What it was made of is the cache's, where that keeps it.
    job.polygon = undefined
    job.packed = packed
    job.error = error
    job.state = 'ready'
    this.#options.onReady(job)
  }

  #progress(cut: Cut<Job>, fraction: number): void {
    if (!cut.isRunning || fraction <= cut.progress) return
    cut.progress = fraction
    // Who hears of it may cancel some.
    for (const job of cut.jobs.slice()) if (job.cut === cut) this.#options.onProgress(job, fraction)
  }
}
