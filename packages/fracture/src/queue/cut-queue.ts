import { Lanes } from '@millrace/kernel/queue/lanes'
import type { Cut } from './cut.ts'
import type { Job } from './job.ts'

export interface CutQueueOptions {
  readonly lanes: number
  /** Wait after which a cut counts as one lane more urgent, in ms. */
  readonly ageMs: number
}

/**
 * The cuts that wait: first in, first out within a lane, the more urgent lane first, and who waits rises.
 *
 * Those that will take long stand in a line of their own, so that where no more of them may begin the others pass.
 */
export class CutQueue {
  readonly #ageMs: number
  readonly #light: Lanes<Cut<Job>>
  readonly #heavy: Lanes<Cut<Job>>
  #serial = 0

  constructor(options: CutQueueOptions) {
    this.#ageMs = options.ageMs
    this.#light = new Lanes(options)
    this.#heavy = new Lanes(options)
  }

  get size(): number {
    return this.#light.size + this.#heavy.size
  }

  push(cut: Cut<Job>, now: number): void {
    cut.rank = now + cut.lane * this.#ageMs
    cut.serial = this.#serial++
    cut.handle = this.#lineOf(cut).push(cut, cut.lane, now)
  }

  /** Makes a cut that waits as urgent as `lane`, unless it has waited so long that its turn comes sooner as it is. O(1). */
  raise(cut: Cut<Job>, lane: number, now: number): void {
    if (now + lane * this.#ageMs >= cut.rank) return
    this.remove(cut)
    cut.lane = lane
    this.push(cut, now)
  }

  /** Takes a cut out that waits. O(1). */
  remove(cut: Cut<Job>): void {
    this.#lineOf(cut).cancel(cut.handle)
  }

  /** The cut whose turn it is, of those that may begin, left in its place. O(lanes). */
  peek(mayBeLight = true, mayBeHeavy = true): Cut<Job> | undefined {
    const light = mayBeLight ? this.#light.peek() : undefined
    const heavy = mayBeHeavy ? this.#heavy.peek() : undefined
    if (light === undefined || heavy === undefined) return light ?? heavy
    const order = light.rank - heavy.rank || light.serial - heavy.serial
    return order < 0 ? light : heavy
  }

  #lineOf({ isHeavy }: Cut<Job>): Lanes<Cut<Job>> {
    return isHeavy ? this.#heavy : this.#light
  }
}
