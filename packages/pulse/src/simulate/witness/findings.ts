import { Verdict } from '../../checks/check.ts'
import type { StoredMonitor } from '../../store/pulse-store.ts'
import type { Found } from '../promises.ts'
import type { Scene } from './scene.ts'

const LAST_RESULTS = 21
const RESULTS_MASK = 2 ** LAST_RESULTS - 1

/** What the checks of each monitor found, from all results that count; and whether it flaps. */
export class Findings {
  readonly #scene: Scene
  readonly #flapThresholds: { readonly high: number; readonly low: number }
  readonly #passes: Uint16Array
  readonly #fails: Uint16Array
  readonly #hasWarned: Uint8Array
  readonly #isHeard: Uint8Array
  /** The last ones, a bit each: 1 if it failed. */
  readonly #results: Uint32Array
  readonly #isFlapping: Uint8Array
  /** For so many results nobody can say whether it flaps: one may not have been heard. */
  readonly #unsureFor: Uint8Array
  readonly #touched: number[] = []

  constructor(scene: Scene, flapThresholds: { readonly high: number; readonly low: number }) {
    this.#scene = scene
    this.#flapThresholds = flapThresholds
    const count = scene.monitors.length
    this.#passes = new Uint16Array(count)
    this.#fails = new Uint16Array(count)
    this.#hasWarned = new Uint8Array(count)
    this.#isHeard = new Uint8Array(count)
    this.#results = new Uint32Array(count)
    this.#isFlapping = new Uint8Array(count)
    this.#unsureFor = new Uint8Array(count)
  }

  hear(monitor: number, verdict: Verdict): void {
    if (verdict === Verdict.FAULT) return
    const hasFailed = verdict === Verdict.FAIL
    this.#isHeard[monitor] = 1
    if (hasFailed) {
      this.#fails[monitor]!++
      this.#passes[monitor] = 0
    } else {
      this.#fails[monitor] = 0
      if (verdict === Verdict.PASS) this.#passes[monitor]!++
      else this.#passes[monitor] = 0
    }
    this.#hasWarned[monitor] = verdict === Verdict.WARN ? 1 : 0
    this.#touched.push(monitor)
    const results = ((this.#results[monitor]! << 1) | (hasFailed ? 1 : 0)) & RESULTS_MASK
    this.#results[monitor] = results
    if (this.#unsureFor[monitor]! > 0) this.#unsureFor[monitor]!--
    const was = this.#isFlapping[monitor]!
    if (results === 0 && was === 0) return
    const { high, low } = this.#flapThresholds
    const is = changesOf(results) * 5 >= (was === 1 ? low : high) ? 1 : 0
    this.#isFlapping[monitor] = is
    if (is !== was || this.#scene.isTold[monitor] === 1) this.#scene.isStirred = true
  }

  of(monitor: number): Omit<Found, 'isTold'> {
    return {
      passes: this.#passes[monitor]!,
      fails: this.#fails[monitor]!,
      hasWarned: this.#hasWarned[monitor] === 1,
      isHeard: this.#isHeard[monitor] === 1,
    }
  }

  flaps(monitor: number): boolean {
    return this.#isFlapping[monitor] === 1
  }

  isSure(monitor: number): boolean {
    return this.#unsureFor[monitor] === 0
  }

  /** A monitor of which something was heard since this was asked last. */
  takeTouched(): number | undefined {
    return this.#touched.pop()
  }

  /** A monitor has another state. */
  moved(monitor: number): void {
    this.#isHeard[monitor] = 0
  }

  /** A check under way is one of the past; and, unless it `isKept`, so is what was found before. */
  fence(monitor: number, isKept: boolean): void {
    // One that ended in this moment may be fenced off before it is applied.
    this.#unsureFor[monitor] = LAST_RESULTS
    if (isKept) return
    this.#passes[monitor] = 0
    this.#fails[monitor] = 0
    this.#hasWarned[monitor] = 0
  }

  /** A monitor is another now. */
  replaced(monitor: number): void {
    this.fence(monitor, false)
    this.#results[monitor] = 0
    this.#unsureFor[monitor] = 0
    this.#isHeard[monitor] = 0
  }

  /** A monitor is there, as what was kept of it says. @param record is undefined of one that is another now: no result is known. */
  entered(monitor: number, record: StoredMonitor | undefined, isFlapping: boolean): void {
    this.#isHeard[monitor] = 0
    this.#hasWarned[monitor] = 0
    this.#passes[monitor] = record?.passes ?? 0
    this.#fails[monitor] = record?.failures ?? 0
    this.#results[monitor] = record?.history ?? 0
    this.#isFlapping[monitor] = isFlapping ? 1 : 0
    this.#unsureFor[monitor] = 0
  }

  /** The process has ended: what its targets answered last counts no more. */
  died(): void {
    this.#touched.length = 0
  }
}

function changesOf(results: number): number {
  let changes = 0
  // PERF: drops the lowest bit that is set, as long as there is one.
  for (let bits = (results ^ (results >>> 1)) & (RESULTS_MASK >>> 1); bits !== 0; bits &= bits - 1) changes++
  return changes
}
