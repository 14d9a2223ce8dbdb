import { MillraceError } from '@millrace/kernel/errors'
import type { Budget } from '@millrace/kernel/execute/budget'
import { encodeParams } from '../patterns/check-params.ts'
import type { Job } from '../queue/job.ts'
import type { Cut } from './cut.ts'
import type { Cutter, CutterPort } from './cutter.ts'
import { type CutInput, type CutOutput, checkOutput, packedOf } from './fracture-task.ts'
import { hostStop, ownStop, type Stop } from './stop.ts'

/** What is needed of a pool: one of `@millrace/pool` that serves `fractureTasks`. */
export interface FracturePool {
  /** How many tasks run at the same time. */
  readonly width: number
  run(name: 'fracture', input: CutInput, options?: RunOptions): Promise<CutOutput>
}

interface RunOptions {
  readonly signal?: AbortSignal
  readonly onProgress?: (fraction: number) => void
}

export interface WorkerCutterOptions {
  readonly pool: FracturePool
  /** Starts one worker more, for cuts that take long; without it, they have all workers of the pool but one at most. */
  readonly startExtra?: () => FracturePool
  /** Ends the workers that are ours: after so many ms, whatever they do. */
  readonly closePools: (withinMs: number) => Promise<unknown>
}

/** The work, in ms, that a worker is given ahead: few, as it is not overtaken any more by what is more urgent; … */
const AHEAD_MS = 8
/** … and at least so many cuts: one to do, one to follow. */
const LEAST_EACH = 2

/**
 * Cuts in the workers of a pool.
 *
 * They are given what they need within the next few ms and frames can deliver soon, and more as results come in. Cuts that take long never have them all: one worker more is
 * started for them when the first comes, and beside it they have all but one at most.
 */
export class WorkerCutter implements Cutter {
  readonly #options: WorkerCutterOptions
  readonly #port: CutterPort
  /** Those that run, each with what ends it. */
  readonly #running = new Map<Cut<Job>, Stop>()
  #extra: FracturePool | undefined
  /** The cut that the extra worker has. */
  #onExtra: Cut<Job> | undefined
  readonly #mostHeavy: number
  #heavy = 0
  #light = 0
  #lightMs = 0
  /** Jobs that are soon done whose turn came since the last frame: a few may, though frames are behind. */
  #begun = 0
  #willPump = false
  readonly #pumpLater = () => {
    this.#willPump = false
    this.#pump()
  }

  constructor(options: WorkerCutterOptions, port: CutterPort) {
    this.#options = options
    this.#port = port
    const { width } = options.pool
    this.#mostHeavy = options.startExtra === undefined ? Math.max(1, width - 1) : width - 1
  }

  get running(): number {
    return this.#running.size
  }

  wake(): void {
    if (this.#willPump) return
    this.#willPump = true
    queueMicrotask(this.#pumpLater)
  }

  /** Results were delivered, so there is room for more. */
  serve(_budget: Budget): void {
    this.#begun = 0
    this.#pump()
  }

  stop(cut: Cut<Job>): void {
    this.#running.get(cut)?.abort(stopped())
  }

  async close(withinMs = Number.POSITIVE_INFINITY): Promise<void> {
    await this.#options.closePools(withinMs)
  }

  #pump(): void {
    const { pool, startExtra } = this.#options
    const { width } = pool
    for (;;) {
      const isFed = this.#light >= LEAST_EACH * width && this.#lightMs >= AHEAD_MS * width
      const isPaced = this.#light >= this.#port.room() && this.#begun >= LEAST_EACH * width
      const mayBeLight = !isFed && !isPaced
      const isExtraFree = startExtra !== undefined && this.#onExtra === undefined
      const job = this.#port.peek(mayBeLight, isExtraFree || this.#heavy < this.#mostHeavy)
      if (job === undefined) return
      if (!job.isHeavy) this.#begun++
      const cut = this.#port.take(job)
      if (cut === undefined) continue
      if (cut.isHeavy && isExtraFree) {
        this.#extra ??= startExtra()
        this.#onExtra = cut
        this.#begin(cut, this.#extra)
      } else this.#begin(cut, pool)
    }
  }

  #begin(cut: Cut<Job>, pool: FracturePool): void {
    const stop = this.#options.startExtra === undefined ? hostStop() : ownStop()
    const { signal } = stop
    this.#running.set(cut, stop)
    this.#count(cut, 1)
    // Of one that is soon done nobody needs to hear how far it is.
    const options = cut.isHeavy
      ? { signal, onProgress: (fraction: number) => this.#port.onProgress(cut, fraction) }
      : { signal }
    answerOf(pool, cut, options).then(
      (output) => this.#answered(cut, output),
      (error: unknown) => this.#failed(cut, error),
    )
  }

  #answered(cut: Cut<Job>, output: CutOutput): void {
    try {
      checkOutput(output)
    } catch (error) {
      this.#failed(cut, error)
      return
    }
    this.#end(cut)
    if (cut.isRunning) this.#port.onDone(cut, packedOf(output), output.ms)
  }

  #failed(cut: Cut<Job>, error: unknown): void {
    this.#end(cut)
    if (cut.isRunning) this.#port.onFault(cut, error)
  }

  #end(cut: Cut<Job>): void {
    this.#running.delete(cut)
    this.#count(cut, -1)
    if (this.#onExtra === cut) this.#onExtra = undefined
    // PERF: more follow with the next frame, many together, unless workers would have nothing to do until then; bench/fracture/mass-destruction.bench.ts.
    if (cut.isHeavy || this.#light < LEAST_EACH * this.#options.pool.width) this.wake()
  }

  #count(cut: Cut<Job>, by: 1 | -1): void {
    if (!cut.isHeavy) {
      this.#light += by
      this.#lightMs = this.#light === 0 ? 0 : this.#lightMs + by * cut.predictedMs
    } else if (this.#onExtra !== cut) this.#heavy += by
  }
}

/** Nobody hears of it: who cancelled was told. */
function stopped(): MillraceError {
  return new MillraceError('FRACTURE_CANCELLED', 'the fracture was cancelled')
}

/** What a pool answers, which may be anybody's: it may throw, or give no promise. */
function answerOf(pool: FracturePool, { polygon, params }: Cut<Job>, options: RunOptions): Promise<CutOutput> {
  try {
    const { coords, ringEnds } = polygon
    return Promise.resolve(pool.run('fracture', { coords, ringEnds, params: encodeParams(params) }, options))
  } catch (error) {
    return Promise.reject(error)
  }
}
