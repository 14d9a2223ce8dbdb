import type { Clock, Timer } from '@millrace/kernel/clock'
import { formatCount } from '../../text/numbers.ts'

export interface FewLinesOptions {
  readonly write: (line: string) => void
  readonly clock: Pick<Clock, 'after'>
  /** What lines are of, for the count of those left out: `changes`. */
  readonly what: string
  /** Most lines a second. @default 20 */
  readonly most?: number
}

const SECOND_MS = 1000

/** Writes lines, but not more in a second than anybody can read: of those beyond, how many there were. */
export class FewLines implements Disposable {
  readonly #options: FewLinesOptions
  readonly #most: number
  #written = 0
  #left = 0
  #timer: Timer | undefined

  constructor(options: FewLinesOptions) {
    this.#options = options
    this.#most = options.most ?? 20
  }

  /** @param line is called only if it is written. */
  write(line: () => string): void {
    if (this.#written >= this.#most) {
      this.#left++
      return
    }
    this.#written++
    this.#options.write(line())
    this.#timer ??= this.#options.clock.after(SECOND_MS, () => {
      this.#timer = undefined
      this.#tellLeft()
      this.#written = 0
    })
  }

  [Symbol.dispose](): void {
    this.#timer?.cancel()
    this.#tellLeft()
  }

  #tellLeft(): void {
    if (this.#left > 0) this.#options.write(`and ${formatCount(this.#left)} more ${this.#options.what}`)
    this.#left = 0
  }
}
