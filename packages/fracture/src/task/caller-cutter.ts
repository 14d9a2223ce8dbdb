import type { Budget } from '@millrace/kernel/execute/budget'
import { fracturePacked } from '../fracture-polygon.ts'
import { wholeParams } from '../patterns/check-params.ts'
import type { Job } from '../queue/job.ts'
import { ownCopy } from '../result/packed-fragments.ts'
import type { Cut } from './cut.ts'
import type { Cutter, CutterPort } from './cutter.ts'
import { loadEarcut, loadedEarcut, needsEarcut } from './load-earcut.ts'

/**
 * Cuts on the caller's own thread, within frames: one after the other, as many as fit, at least one a frame. The same polygons and parameters give the
 * same bytes as in workers.
 */
export class CallerCutter implements Cutter {
  readonly #port: CutterPort
  #running: Cut<Job> | undefined
  /** Why there is no earcut. */
  #noEarcut: unknown

  constructor(port: CutterPort) {
    this.#port = port
  }

  get running(): number {
    return this.#running === undefined ? 0 : 1
  }

  wake(): void {}

  takeIn(): void {}

  serve(budget: Budget): void {
    let isFirst = true
    for (let job = this.#port.peek(true, true); job !== undefined; job = this.#port.peek(true, true)) {
      const ms = this.#port.predict(job)
      if (!isFirst && ms > budget.leftMs) return
      const lacksEarcut = needsEarcut(job.params!.common) && loadedEarcut() === undefined
      if (lacksEarcut && this.#noEarcut === undefined) {
        this.#load()
        return
      }
      const cut = this.#port.take(job)
      if (cut === undefined) {
        // What is found takes time too, and is delivered no sooner.
        if (this.#port.room() <= 0) return
        continue
      }
      isFirst = false
      if (lacksEarcut) this.#port.onFault(cut, this.#noEarcut)
      else this.#cut(cut, ms, budget)
    }
  }

  /** The one that runs looks by itself. */
  stop(_cut: Cut<Job>): void {}

  async close(): Promise<void> {}

  #cut(cut: Cut<Job>, ms: number, budget: Budget): void {
    // Nobody hears how far it is: it is done before anybody could.
    const hooks = { isCancelled: () => !cut.isRunning, earcut: loadedEarcut() }
    this.#running = cut
    budget.lap()
    budget.plan(ms)
    try {
      const packed = ownCopy(fracturePacked(cut.polygon, wholeParams(cut.params), hooks))
      if (cut.isRunning) this.#port.onDone(cut, packed, budget.lap())
    } catch (error) {
      if (cut.isRunning) this.#port.onFault(cut, error)
    } finally {
      this.#running = undefined
    }
  }

  /** Frames go on meanwhile. */
  #load(): void {
    loadEarcut().catch((error: unknown) => {
      this.#noEarcut = error
    })
  }
}
