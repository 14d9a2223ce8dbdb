import type { Budget } from '@millrace/kernel/execute/budget'
import type { TaskSink } from '@millrace/pool'
import type { Job } from '../queue/job.ts'
import type { Cut } from './cut.ts'
import { type CutCall, type CutLine, stopped } from './cut-line.ts'
import type { Cutter, CutterPort } from './cutter.ts'
import { type CutInput, type CutOutput, checkOutput, packedOf } from './fracture-task.ts'

export interface WorkerCutterOptions {
  readonly line: CutLine
  /** Starts one worker more, for cuts that take long; without it, they have all workers of the line but one at most. */
  readonly startExtra?: () => CutLine
  /** Ends the workers that are ours: after so many ms, whatever they do. */
  readonly closePools: (withinMs: number) => Promise<unknown>
}

/** The work, in ms, that a worker is given ahead: few, as it is not overtaken any more by what is more urgent; … */
const AHEAD_MS = 8
/** … until the next frame, where more is only given then; … */
const POLLED_AHEAD_MS = 20
/** … and at least so many cuts: one to do, one to follow. */
const LEAST_EACH = 2
/** Most of what a frame has left that goes to taking in and beginning; the rest is for delivering. So many are begun between two looks at the clock. */
const SHARE = 0.5
const AT_ONCE = 8
const NO_CALL: CutCall = { cancel: () => {} }

/**
 * Cuts in the workers of a pool.
 *
 * They are given what they need within the next few ms and frames can deliver soon, and more as results come in. Cuts that take long never have them all: one worker more is
 * started for them when the first comes, and beside it they have all but one at most.
 */
export class WorkerCutter implements Cutter {
  readonly #options: WorkerCutterOptions
  readonly #port: CutterPort
  /** Those that run. */
  readonly #running = new Map<Cut<Job>, CutCall>()
  #extra: CutLine | undefined
  /** The cut that the extra worker has. */
  #onExtra: Cut<Job> | undefined
  readonly #mostHeavy: number
  #heavy = 0
  #light = 0
  #lightMs = 0
  /** Jobs that are soon done whose turn came since the last frame: a few may, though frames are behind. */
  #begun = 0
  #willPump = false
  #isTakingIn = false
  readonly #pumpLater = () => {
    this.#willPump = false
    this.#pump()
  }

  constructor(options: WorkerCutterOptions, port: CutterPort) {
    this.#options = options
    this.#port = port
    const { width } = options.line
    this.#mostHeavy = options.startExtra === undefined ? Math.max(1, width - 1) : width - 1
  }

  get running(): number {
    return this.#running.size
  }

  wake(): void {
    // In a frame, more is begun anyhow.
    if (this.#willPump || this.#isTakingIn) return
    this.#willPump = true
    queueMicrotask(this.#pumpLater)
  }

  takeIn(budget: Budget): void {
    const { line } = this.#options
    const keptMs = (1 - SHARE) * budget.leftMs
    this.#isTakingIn = true
    line.poll(budget.leftMs - keptMs)
    budget.lap()
    this.#extra?.poll(budget.leftMs - keptMs)
    this.#isTakingIn = false
    budget.lap()
    this.#begun = 0
    this.#pump(() => {
      budget.lap()
      return budget.leftMs > keptMs
    })
    budget.lap()
  }

  serve(): void {}

  stop(cut: Cut<Job>): void {
    this.#running.get(cut)?.cancel(stopped())
  }

  async close(withinMs = Number.POSITIVE_INFINITY): Promise<void> {
    await this.#options.closePools(withinMs)
  }

  /** Begins what there is room for, and is worth its time: that is asked now and then. */
  #pump(hasTime = () => true): void {
    const { line, startExtra } = this.#options
    const { width, isPolled } = line
    const aheadMs = isPolled ? POLLED_AHEAD_MS : AHEAD_MS
    for (;;) {
      const isFed = this.#light >= LEAST_EACH * width && this.#lightMs >= aheadMs * width
      const isPaced = this.#light >= this.#port.room() && this.#begun >= LEAST_EACH * width
      const mayBeLight = !isFed && !isPaced
      const isExtraFree = startExtra !== undefined && this.#onExtra === undefined
      const job = this.#port.peek(mayBeLight, isExtraFree || this.#heavy < this.#mostHeavy)
      if (job === undefined) return
      if (!job.isHeavy) this.#begun++
      if (this.#begun % AT_ONCE === 0 && this.#light >= LEAST_EACH * width && !hasTime()) return
      const cut = this.#port.take(job)
      if (cut === undefined) continue
      if (cut.isHeavy && isExtraFree) {
        this.#extra ??= startExtra()
        this.#onExtra = cut
        this.#begin(cut, this.#extra)
      } else this.#begin(cut, line)
    }
  }

  #begin(cut: Cut<Job>, line: CutLine): void {
    this.#count(cut, 1)
    // Of one that is soon done nobody needs to hear how far it is.
    const onProgress = cut.isHeavy ? (fraction: number) => this.#port.onProgress(cut, fraction) : undefined
    const sink: TaskSink<CutOutput> = {
      done: (output) => this.#answered(cut, output),
      failed: (error) => this.#failed(cut, error),
    }
    this.#running.set(cut, NO_CALL)
    try {
      const call = line.begin(inputOf(cut), sink, onProgress)
      // One that cannot be begun is over by now.
      if (this.#running.has(cut)) this.#running.set(cut, call)
    } catch (error) {
      this.#failed(cut, error)
    }
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
    if (cut.isHeavy || this.#light < LEAST_EACH * this.#options.line.width) this.wake()
  }

  #count(cut: Cut<Job>, by: 1 | -1): void {
    if (!cut.isHeavy) {
      this.#light += by
      this.#lightMs = this.#light === 0 ? 0 : this.#lightMs + by * cut.predictedMs
    } else if (this.#onExtra !== cut) this.#heavy += by
  }
}

function inputOf({ key, polygon, params }: Cut<Job>): CutInput {
  return key ?? { coords: polygon.coords, ringEnds: polygon.ringEnds, params: params.numbers }
}
