import { checkInteger } from '@millrace/kernel/options'

/** What {@link Lane.shift} gives when there is nothing. */
export const NONE = -1

/**
 * A bounded queue of numbers, each at least 0: first in, first out.
 *
 * What does not fit is refused and changes nothing, a batch as a whole. O(1) a number; its room, four bytes a number, is made at once and nothing is
 * allocated after.
 */
export class Lane {
  readonly #numbers: Int32Array
  #head = 0
  #size = 0

  /** @throws {MillraceError} `OPTION_INVALID` if `capacity` is not at least 1. */
  constructor(capacity: number) {
    this.#numbers = new Int32Array(checkInteger('Lane', 'capacity', capacity, { min: 1, max: 2 ** 28 }))
  }

  get size(): number {
    return this.#size
  }

  /** How many more it takes. */
  get free(): number {
    return this.#numbers.length - this.#size
  }

  /** False if it is full. */
  tryPush(number: number): boolean {
    const numbers = this.#numbers
    if (this.#size === numbers.length) return false
    numbers[wrap(this.#head + this.#size, numbers.length)] = number
    this.#size++
    return true
  }

  /** The first `count` numbers of `batch`, in their order, all of them; or none, and false. */
  tryPushAll(batch: Int32Array, count: number): boolean {
    const numbers = this.#numbers
    if (count > numbers.length - this.#size) return false
    let tail = wrap(this.#head + this.#size, numbers.length)
    for (let index = 0; index < count; index++) {
      numbers[tail] = batch[index]!
      tail = wrap(tail + 1, numbers.length)
    }
    this.#size += count
    return true
  }

  /** Takes the first number out; {@link NONE} if there is none. */
  shift(): number {
    if (this.#size === 0) return NONE
    const number = this.#numbers[this.#head]!
    this.#head = wrap(this.#head + 1, this.#numbers.length)
    this.#size--
    return number
  }
}

function wrap(index: number, length: number): number {
  return index < length ? index : index - length
}
