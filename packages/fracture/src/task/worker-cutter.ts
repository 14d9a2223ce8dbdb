import type { Budget } from '@millrace/kernel/execute/budget'
import { hostGlobals, type StopSwitch } from '../hosts/host-globals.ts'
import { encodeParams } from '../patterns/check-params.ts'
import type { Cut } from '../queue/cut.ts'
import type { CutQueue } from '../queue/cut-queue.ts'
import type { Job } from '../queue/job.ts'
import type { Cutter, CutterPort } from './cutter.ts'
import { type CutInput, type CutOutput, checkOutput, packedOf } from './fracture-task.ts'

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
  readonly queue: CutQueue
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
  readonly #running = new Map<Cut<Job>, StopSwitch>()
  #extra: FracturePool | undefined
  /** The cut that the extra worker has. */
  #onExtra: Cut<Job> | undefined
  readonly #mostHeavy: number
  #heavy = 0
  #light = 0
  #lightMs = 0
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
    this.#pump()
  }

  stop(cut: Cut<Job>): void {
    this.#running.get(cut)?.abort()
  }

  async close(withinMs = Number.POSITIVE_INFINITY): Promise<void> {
    await this.#options.closePools(withinMs)
  }

  #pump(): void {
    const { queue, pool, startExtra } = this.#options
    const { width } = pool
    for (;;) {
      const isFed = this.#light >= LEAST_EACH * width && this.#lightMs >= AHEAD_MS * width
      const mayBeLight = !isFed && this.#light < Math.max(LEAST_EACH * width, this.#port.room())
      const isExtraFree = startExtra !== undefined && this.#onExtra === undefined
      const cut = queue.peek(mayBeLight, isExtraFree || this.#heavy < this.#mostHeavy)
      if (cut === undefined) return
      queue.remove(cut)
      cut.predictedMs = this.#port.predict(cut)
      cut.state = 'running'
      if (!cut.isHeavy) this.#begin(cut, pool)
      else if (isExtraFree) {
        this.#extra ??= startExtra()
        this.#onExtra = cut
        this.#begin(cut, this.#extra)
      } else this.#begin(cut, pool)
    }
  }

  #begin(cut: Cut<Job>, pool: FracturePool): void {
    const stop = new (hostGlobals().AbortController)()
    this.#running.set(cut, stop)
    this.#count(cut, 1)
    const { signal } = stop
    // Of one that is soon done nobody needs to hear how far it is.
    const options = cut.isHeavy
      ? { signal, onProgress: (fraction: number) => this.#port.onProgress(cut, fraction) }
      : { signal }
    this.#answerOf(cut, pool, options).then(
      (output) => {
        this.#end(cut)
        if (cut.state === 'running') this.#port.onDone(cut, packedOf(output), output.ms)
      },
      (error: unknown) => {
        this.#end(cut)
        if (cut.state === 'running') this.#port.onFault(cut, error)
      },
    )
  }

  /** What the pool answers, which may be anybody's. */
  async #answerOf(cut: Cut<Job>, pool: FracturePool, options: RunOptions): Promise<CutOutput> {
    const { coords, ringEnds } = cut.polygon
    return checkOutput(await pool.run('fracture', { coords, ringEnds, params: encodeParams(cut.params) }, options))
  }

  #end(cut: Cut<Job>): void {
    this.#running.delete(cut)
    this.#count(cut, -1)
    if (this.#onExtra === cut) this.#onExtra = undefined
    this.wake()
  }

  #count(cut: Cut<Job>, by: 1 | -1): void {
    if (!cut.isHeavy) {
      this.#light += by
      this.#lightMs = this.#light === 0 ? 0 : this.#lightMs + by * cut.predictedMs
    } else if (this.#onExtra !== cut) this.#heavy += by
  }
}
