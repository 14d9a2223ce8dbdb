import { promisesKept, type SimulatedClock, settled } from './simulated-clock.ts'
import type { Witness } from './witness/witness.ts'

/** So often the host may have its turn: a signal is heard, and what is loaded comes. */
const CALMS_OF_A_TURN = 64

/** Moves a simulation on, a timer at a time, and lets all that it stirs up go on before the next. */
export class Turns {
  readonly #clock: SimulatedClock
  readonly #witness: Witness
  count = 0
  #calms = 0

  constructor(clock: SimulatedClock, witness: Witness) {
    this.#clock = clock
    this.#witness = witness
  }

  /** One turn, by `until`, and all that it stirs up. False if there was none. */
  async turn(until: number): Promise<boolean> {
    const hasRun = this.begin(until)
    if (this.#witness.scene.isStirred) await this.calm()
    this.settle()
    return hasRun
  }

  /** One turn; what it stirs up is to be calmed, and then settled. PERF: most turns stir up nothing, and then nothing need be waited for. */
  begin(until: number): boolean {
    this.count++
    return this.#clock.turn(until)
  }

  /** Whatever was promised, and can go on, does. */
  calm(): Promise<void> {
    this.#witness.scene.isStirred = false
    return this.#calms++ % CALMS_OF_A_TURN === 0 ? settled() : promisesKept()
  }

  settle(): void {
    if (this.#clock.nextAt() > this.#clock.now()) this.#witness.states.settle()
  }

  /** All turns of this moment. */
  async finishMoment(): Promise<void> {
    await settled()
    while (this.#clock.nextAt() <= this.#clock.now()) {
      await this.turn(this.#clock.now())
      await settled()
    }
    this.#witness.states.settle()
  }

  /** All turns of so many ms, or until a promise is broken. */
  async pass(ms: number): Promise<void> {
    const until = this.#clock.now() + ms
    while (this.#clock.now() < until && this.#witness.scene.violations.length === 0) await this.turn(until)
  }

  /** Turns until a promise is done. */
  async until<Value>(promise: Promise<Value>): Promise<Value> {
    let isDone = false
    const mark = () => {
      isDone = true
    }
    promise.then(mark, mark)
    await settled()
    while (!isDone) {
      this.#witness.scene.isStirred = true
      if (!(await this.turn(Number.POSITIVE_INFINITY)) && !isDone) {
        await settled()
        if (!isDone && this.#clock.nextAt() === Number.POSITIVE_INFINITY) throw new Error('simulate: nothing goes on')
      }
    }
    return promise
  }
}
