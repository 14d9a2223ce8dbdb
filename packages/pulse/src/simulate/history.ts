import { STATE_NAMES } from '../lifecycle/states.ts'

/** What happened, by number. */
export const Happening = {
  CHECK: 0,
  RESULT: 1,
  STATE: 2,
  INTERVENTION: 3,
  OUTCOME: 4,
  DELIVERY: 5,
  ACTION: 6,
  PROCESS: 7,
} as const

export type Happening = (typeof Happening)[keyof typeof Happening]

const NAMES = ['check', 'result', 'state', 'intervention', 'outcome', 'delivery', 'action', 'process']
const VERDICTS = [
  'pass',
  'fail',
  'warn',
  'fault',
  'pass, too late',
  'fail, too late',
  'warn, too late',
  'fault, too late',
]
const KEPT = 1 << 16

/**
 * What happened in a simulation, in turn: all of it as a hash, the last 65,536 as they were.
 *
 * PERF: a few multiplications and writes of columns; allocates nothing.
 */
export class History {
  readonly #times = new Float64Array(KEPT)
  readonly #monitors = new Int32Array(KEPT)
  readonly #kinds = new Uint8Array(KEPT)
  readonly #values = new Int32Array(KEPT)
  #count = 0
  #low = 0x811c9dc5
  #high = 0x9e3779b9

  /** @param monitor is its number, -1 for all. */
  add(time: number, monitor: number, kind: Happening, value: number): void {
    const at = this.#count++ & (KEPT - 1)
    this.#times[at] = time
    this.#monitors[at] = monitor
    this.#kinds[at] = kind
    this.#values[at] = value
    const word = Math.imul(time * 4, 0x85ebca6b) ^ Math.imul(monitor, 0xc2b2ae35) ^ (kind << 24) ^ value
    this.#low = Math.imul(this.#low ^ word, 0x01000193)
    this.#high = Math.imul((this.#high ^ word) + (this.#low >>> 15), 0x27d4eb2f)
  }

  /** Of all that happened, and of its order: 16 digits. */
  get hash(): string {
    return [this.#high, this.#low].map((word) => (word >>> 0).toString(16).padStart(8, '0')).join('')
  }

  /** The last of what happened to a monitor, and to all: a line each. */
  linesOf(monitor: number, most = 30): string[] {
    const lines: string[] = []
    const first = Math.max(0, this.#count - KEPT)
    for (let index = this.#count - 1; index >= first && lines.length < most; index--) {
      const at = index & (KEPT - 1)
      if (this.#monitors[at] !== monitor && this.#monitors[at] !== -1) continue
      lines.push(`${this.#times[at]} ms: ${NAMES[this.#kinds[at]!]} ${textOf(this.#kinds[at]!, this.#values[at]!)}`)
    }
    return lines.reverse()
  }
}

function textOf(kind: number, value: number): string {
  if (kind === Happening.STATE) return STATE_NAMES[value] ?? 'gone'
  if (kind === Happening.RESULT) return VERDICTS[value] ?? String(value)
  return String(value)
}
