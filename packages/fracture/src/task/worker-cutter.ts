import type { Budget } from '@millrace/kernel/execute/budget'
import { hostGlobals, type StopSwitch } from '../hosts/host-globals.ts'
import { encodeParams } from '../patterns/check-params.ts'
import type { Cut } from '../queue/cut.ts'
import type { CutQueue } from '../queue/cut-queue.ts'
import type { Job } from '../queue/job.ts'
import type { Cutter, CutterPort } from './cutter.ts'
import { type CutInput, type CutOutput, packedOf } from './fracture-task.ts'

/** What is needed of a pool: one of `@millrace/pool` that serves `fractureTasks`. */
export interface FracturePool {
  /** How many tasks run at the same time. */
  readonly width: number
  run(
    name: 'fracture',
    input: CutInput,
    options?: { readonly signal?: AbortSignal; readonly onProgress?: (fraction: number) => void },
  ): Promise<CutOutput>
}

export interface WorkerCutterOptions {
  readonly queue: CutQueue
  readonly pool: FracturePool
  /** Ends the pool, where it is ours. */
  readonly closePool: () => Promise<void>
}

/** The work, in ms, that a worker is given ahead: few, as it is not overtaken any more by what is more urgent; … */
const AHEAD_MS = 8
/** … and at least so many cuts: one to do, one to follow. */
const LEAST_EACH = 2

/**
 * Cuts in the workers of a pool.
 *
 * They are given what they need within the next few ms, and more as results come in. Cuts that take long have all workers but one at most: there is
 * always one for the others.
 */
export class WorkerCutter implements Cutter {
  readonly #options: WorkerCutterOptions
  readonly #port: CutterPort
  readonly #stops = new Map<Cut<Job>, StopSwitch>()
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
    this.#mostHeavy = Math.max(1, options.pool.width - 1)
  }

  get running(): number {
    return this.#stops.size
  }

  wake(): void {
    if (this.#willPump) return
    this.#willPump = true
    queueMicrotask(this.#pumpLater)
  }

  serve(_budget: Budget): void {}

  stop(cut: Cut<Job>): void {
    this.#stops.get(cut)?.abort()
  }

  close(): Promise<void> {
    return this.#options.closePool()
  }

  #pump(): void {
    const { queue, pool } = this.#options
    const { width } = pool
    for (;;) {
      const mayBeLight = this.#light < LEAST_EACH * width || this.#lightMs < AHEAD_MS * width
      const cut = queue.peek(mayBeLight, this.#heavy < this.#mostHeavy)
      if (cut === undefined) return
      queue.remove(cut)
      this.#begin(cut)
    }
  }

  #begin(cut: Cut<Job>): void {
    const { coords, ringEnds } = cut.polygon
    const stop = new (hostGlobals().AbortController)()
    this.#stops.set(cut, stop)
    cut.predictedMs = this.#port.predict(cut)
    this.#count(cut, 1)
    cut.state = 'running'
    this.#options.pool
      .run('fracture', { coords, ringEnds, params: encodeParams(cut.params) }, this.#runOptions(cut, stop.signal))
      .then(
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

  /** Of one that is soon done nobody needs to hear how far it is. */
  #runOptions(cut: Cut<Job>, signal: AbortSignal) {
    return cut.isHeavy ? { signal, onProgress: (fraction: number) => this.#port.onProgress(cut, fraction) } : { signal }
  }

  #end(cut: Cut<Job>): void {
    this.#stops.delete(cut)
    this.#count(cut, -1)
    this.wake()
  }

  #count({ isHeavy, predictedMs }: Cut<Job>, by: 1 | -1): void {
    if (isHeavy) this.#heavy += by
    else {
      this.#light += by
      this.#lightMs = this.#light === 0 ? 0 : this.#lightMs + by * predictedMs
    }
  }
}
