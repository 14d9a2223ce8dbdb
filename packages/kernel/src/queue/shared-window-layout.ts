import { MillraceError } from '../errors.ts'
import { checkInteger } from '../options.ts'

/** Words of a cache line, or of the two that Intel fetches together: what different threads write lies so far apart. */
const LINE = 32
const SMALLEST_STEP = 16

/** Words (of four bytes) of the producer's line: how many tasks were published, a counter; and the window's measures. */
export const TAIL = 0
const SLOTS = 1
const SLOT_BYTES = 2
/** Up to where tasks were claimed or withdrawn, a counter. */
export const CLAIM = LINE
/** By which claimers that sleep are woken. */
export const CALL = 2 * LINE
/** By position, modulo twice the slots: the slot of the task. */
export const ORDER = 3 * LINE

/** Words of a slot; its payload follows. */
export const STATE = 0
export const BYTES = 1
export const TAG = 2
export const TICKET_LOW = 3
export const TICKET_HIGH = 4
export const CANCEL = 5
export const PROGRESS = 6
export const PAYLOAD = 8

/** The lowest bits of a state. Above them stands the position of a task that is ready, or else who has claimed it. */
export const KIND = 3
export const VOID = 0
export const READY = 1
export const CLAIMED = 2
export const STARTED = 3
const KIND_BITS = 2

/** Counters count tasks modulo 2^30, so that a position and a kind are one word. */
export const COUNTER = 2 ** 30 - 1
export const LAST_CLAIMER = 1022
const MOST_SLOTS = 2 ** 16
const MOST_SLOT_BYTES = 2 ** 28
const LARGEST_WINDOW = 2 ** 31 - 8

/** The state of a task that nobody has claimed. */
export function readyAt(position: number): number {
  return (position << KIND_BITS) | READY
}

/** The state of a task that `claimer` has. */
export function heldAs(kind: typeof CLAIMED | typeof STARTED, claimer: number): number {
  return (claimer << KIND_BITS) | kind
}

/** Who has the task in a state that is CLAIMED or STARTED. */
export function claimerIn(state: number): number {
  return state >>> KIND_BITS
}

/** The measures of a window, in words where not told. */
export class WindowLayout {
  readonly slots: number
  readonly slotBytes: number
  /** Where the first slot is. */
  readonly first: number
  /** From one slot to the next. */
  readonly step: number

  constructor(slots: number, slotBytes: number) {
    this.slots = slots
    this.slotBytes = slotBytes
    this.first = ORDER + roundedUp(2 * slots, LINE)
    this.step = roundedUp(PAYLOAD + slotBytes / 4, SMALLEST_STEP)
  }

  get byteLength(): number {
    return 4 * (this.first + this.slots * this.step)
  }

  /** @throws {MillraceError} `OPTION_INVALID` when a measure is out of bounds. */
  static of(slots: number, slotBytes: number): WindowLayout {
    checkInteger('SharedWindow', 'slots', slots, { min: 1, max: MOST_SLOTS })
    if ((slots & (slots - 1)) !== 0) throw invalid('slots', 'a power of two', slots)
    checkInteger('SharedWindow', 'slotBytes', slotBytes, { min: 8, max: MOST_SLOT_BYTES })
    if (slotBytes % 8 !== 0) throw invalid('slotBytes', 'a multiple of 8', slotBytes)
    const layout = new WindowLayout(slots, slotBytes)
    if (layout.byteLength > LARGEST_WINDOW) {
      throw invalid('slots * slotBytes', `below 2 GiB in all`, layout.byteLength)
    }
    return layout
  }

  /** @throws {MillraceError} `WINDOW_CORRUPT` when `buffer` is no window. */
  static read(owner: string, buffer: SharedArrayBuffer): WindowLayout {
    const words = new Int32Array(buffer, 0, Math.min(LINE, Math.floor(buffer.byteLength / 4)))
    const [slots, slotBytes] = [words[SLOTS] ?? 0, words[SLOT_BYTES] ?? 0]
    const layout = new WindowLayout(slots, slotBytes)
    if (
      !(slots >= 1 && slots <= MOST_SLOTS && (slots & (slots - 1)) === 0) ||
      !(slotBytes >= 8 && slotBytes % 8 === 0 && layout.byteLength === buffer.byteLength)
    ) {
      throw corrupt(owner, `${buffer.byteLength} bytes are no window of ${slots} slots of ${slotBytes} bytes`, {
        slots,
        slotBytes,
      })
    }
    return layout
  }

  write(buffer: SharedArrayBuffer): void {
    const words = new Int32Array(buffer)
    words[SLOTS] = this.slots
    words[SLOT_BYTES] = this.slotBytes
  }
}

function roundedUp(words: number, multiple: number): number {
  return Math.ceil(words / multiple) * multiple
}

function invalid(option: string, wanted: string, value: number): MillraceError {
  return new MillraceError('OPTION_INVALID', `SharedWindow: ${option} must be ${wanted}, not ${value}`, {
    detail: { owner: 'SharedWindow', option, value },
  })
}

/** What a side throws that finds in shared memory what no other can have written in good order. */
export function corrupt(owner: string, what: string, detail: Readonly<Record<string, unknown>>): MillraceError {
  return new MillraceError(
    'WINDOW_CORRUPT',
    `${owner}: the shared memory is damaged: ${what}; end the threads that share it and make a new window`,
    { detail },
  )
}
