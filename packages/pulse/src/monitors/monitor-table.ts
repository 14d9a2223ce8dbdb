import { State } from '../lifecycle/states.ts'
import { hashOf, NameIndex } from './name-index.ts'
import { TextArena } from './text-arena.ts'

/** What is so of a monitor, beside its state: bits. Those below 64 outlive the process. */
export const Flag = {
  /** By hand. */
  PAUSED: 1,
  /** Nothing more is told of its incident but the end. */
  ACKNOWLEDGED: 2,
  FLAPPING: 4,
  /** An incident is open. */
  INCIDENT: 8,
  /** An intervention was made in this incident. */
  INTERVENED: 16,
  /** Something was not told when it happened: what is so is told as soon as it may be. */
  OWES: 32,
  /** A check is under way. */
  UNDER_WAY: 64,
  /** It waits in the lane for a check. */
  WAITING: 128,
} as const

export const KEPT_FLAGS = 63
/** Checks in a row are counted so far. */
export const MAX_THRESHOLD = 255
/** Of a name, and of a target. */
export const MAX_TEXT_BYTES = 65_535

/** Of a time by the clock for durations: it has not been. */
export const NEVER = Number.NEGATIVE_INFINITY

/** What there is to remember of few monitors at a time. All times but the first are by the clock for durations: a wall clock that is set makes nothing longer, or shorter. */
export interface Remembered {
  /** When the incident began, in ms since 1970; 0 if there was none. */
  incidentAt: number
  /** What the incident is known by; 0 if there was none. */
  incident: number
  /** When an intervention was asked for. */
  neededAt: number
  /** When the last one was begun. */
  interventionAt: number
  alertAt: number
  silencedUntil: number
  /** Why the last check did not pass. */
  reason: string
}

const SMALLEST = 64
const encoder = new TextEncoder()

/**
 * All monitors, as a struct of arrays: each has a number, which is its place in every column for as long as it is there.
 *
 * PERF: 46 bytes of columns a monitor, its two texts, and 8 to 16 bytes of index; no object; bench/pulse/memory.bench.ts.
 * The columns are read and written by whoever decides on monitors; they are replaced when the table grows, so nobody keeps one across a load.
 */
export class MonitorTable {
  state = new Uint8Array(SMALLEST)
  /** Bits of {@link Flag}. */
  flags = new Uint8Array(SMALLEST)
  /** Good checks in a row, and bad ones; at most 255. */
  passes = new Uint8Array(SMALLEST)
  failures = new Uint8Array(SMALLEST)
  /** Colours of which alerts have not been delivered: a bit each. */
  outbox = new Uint8Array(SMALLEST)
  /** The colour told last in the open incident, from 1; 0 if none. */
  told = new Uint8Array(SMALLEST)
  /** Counts what makes a check that is under way a thing of the past. */
  generation = new Uint32Array(SMALLEST)
  /** Number of its profile. */
  profile = new Uint32Array(SMALLEST)
  /** The last results: see `remember`. */
  history = new Uint32Array(SMALLEST)
  /** When the next check is due, by the wall clock. */
  dueAt = new Float64Array(SMALLEST)
  /** When the last check began, by the wall clock; 0 if none did. */
  checkedAt = new Float64Array(SMALLEST)
  latencyMs = new Float32Array(SMALLEST)
  readonly remembered = new Map<number, Remembered>()
  /** All numbers in the order of the manifest; undefined as long as that is their own. */
  order: Uint32Array | undefined
  #address = new Uint32Array(SMALLEST)
  #nameLength = new Uint16Array(SMALLEST)
  #targetLength = new Uint16Array(SMALLEST)
  #text = new TextArena()
  /** Bytes of text that belong to no monitor any more. */
  #lostBytes = 0
  #end = 0
  readonly #free: number[] = []
  readonly #index = new NameIndex(
    (number, name) => this.#nameLength[number] === name.length && this.#text.equals(this.#address[number]!, name),
    (number) => this.hashOf(number),
  )

  /** Monitors that are there. */
  get size(): number {
    return this.#index.size
  }

  /** All numbers are below. */
  get end(): number {
    return this.#end
  }

  has(number: number): boolean {
    return number < this.#end && this.#nameLength[number] !== 0
  }

  /** The number of the monitor of that name, or -1. */
  find(name: string): number {
    const bytes = encoder.encode(name)
    return this.findBytes(bytes, hashOf(bytes))
  }

  /** As `find`, for a name in UTF-8 whose hash is known. */
  findBytes(name: Uint8Array, hash: number): number {
    return this.#index.find(name, hash)
  }

  nameOf(number: number): string {
    return this.#text.textAt(this.#address[number]!, this.#nameLength[number]!)
  }

  /** Whether its name contains a text in small letters, whatever the case of its own. @param bytes is the text in UTF-8, if it is all ASCII. */
  nameContains(number: number, small: string, bytes: Uint8Array | undefined): boolean {
    const byBytes = bytes && this.#text.containsSmall(this.#address[number]!, this.#nameLength[number]!, bytes)
    return byBytes ?? this.nameOf(number).toLowerCase().includes(small)
  }

  targetOf(number: number): string {
    return this.#text.textAt(this.#address[number]! + this.#nameLength[number]!, this.#targetLength[number]!)
  }

  /** Of its name. */
  hashOf(number: number): number {
    return hashOf(this.#text.bytesAt(this.#address[number]!, this.#nameLength[number]!))
  }

  /** A hash of its target. */
  targetHashOf(number: number): number {
    const address = this.#address[number]! + this.#nameLength[number]!
    return hashOf(this.#text.bytesAt(address, this.#targetLength[number]!))
  }

  hasTarget(number: number, target: Uint8Array): boolean {
    const address = this.#address[number]! + this.#nameLength[number]!
    return this.#targetLength[number] === target.length && this.#text.equals(address, target)
  }

  /** Makes room for so many more names at once. */
  reserve(more: number): void {
    this.#index.reserve(more)
  }

  /**
   * Adds a monitor whose name is not there, in no state yet, and gives its number.
   * @param text is its name and, from `nameLength` on, its target: at most 65,535 bytes each.
   */
  add(text: Uint8Array, nameLength: number, profile: number, hash = hashOf(text, 0, nameLength)): number {
    const number = this.#free.pop() ?? this.#end++
    if (number >= this.state.length) this.#grow()
    this.#address[number] = this.#text.add(text)
    this.#nameLength[number] = nameLength
    this.#targetLength[number] = text.length - nameLength
    this.profile[number] = profile
    this.state[number] = State.UNKNOWN
    this.#index.add(number, hash)
    return number
  }

  /** It is another now, of the same name: what was known of it is not of this one. */
  change(number: number, text: Uint8Array, profile: number): void {
    this.#lostBytes += this.#nameLength[number]! + this.#targetLength[number]!
    this.#address[number] = this.#text.add(text)
    this.#targetLength[number] = text.length - this.#nameLength[number]!
    this.profile[number] = profile
  }

  /** It is there no more; its number is nobody's until {@link MonitorTable.free}. */
  remove(number: number): void {
    this.#index.remove(number, this.hashOf(number))
    this.#lostBytes += this.#nameLength[number]! + this.#targetLength[number]!
    this.#nameLength[number] = 0
    for (const column of [this.state, this.flags, this.passes, this.failures, this.outbox, this.told, this.history]) {
      column[number] = 0
    }
    this.generation[number]!++
    this.checkedAt[number] = 0
    this.latencyMs[number] = 0
    this.remembered.delete(number)
  }

  /** The number of one that was removed may be another's from now on. */
  free(number: number): void {
    this.flags[number] = 0
    this.#free.push(number)
  }

  /** What is remembered of a monitor, to be written to. */
  remember(number: number): Remembered {
    let remembered = this.remembered.get(number)
    if (remembered === undefined) {
      remembered = {
        incidentAt: 0,
        incident: 0,
        neededAt: NEVER,
        interventionAt: NEVER,
        alertAt: NEVER,
        silencedUntil: NEVER,
        reason: '',
      }
      this.remembered.set(number, remembered)
    }
    return remembered
  }

  /** Gives back the text of those that are gone, once it is more than the rest. O(monitors) then. */
  compact(): void {
    if (this.#lostBytes * 2 <= this.#text.bytes) return
    const text = new TextArena()
    for (let number = 0; number < this.#end; number++) {
      if (this.#nameLength[number] === 0) continue
      const length = this.#nameLength[number]! + this.#targetLength[number]!
      this.#address[number] = text.add(this.#text.bytesAt(this.#address[number]!, length))
    }
    this.#text = text
    this.#lostBytes = 0
  }

  #grow(): void {
    const capacity = this.state.length * 2
    const larger = <Column extends Uint8Array | Uint16Array | Uint32Array | Float32Array | Float64Array>(
      column: Column,
    ): Column => {
      const grown = new (column.constructor as new (length: number) => Column)(capacity)
      grown.set(column)
      return grown
    }
    this.state = larger(this.state)
    this.flags = larger(this.flags)
    this.passes = larger(this.passes)
    this.failures = larger(this.failures)
    this.outbox = larger(this.outbox)
    this.told = larger(this.told)
    this.generation = larger(this.generation)
    this.profile = larger(this.profile)
    this.history = larger(this.history)
    this.dueAt = larger(this.dueAt)
    this.checkedAt = larger(this.checkedAt)
    this.latencyMs = larger(this.latencyMs)
    this.#address = larger(this.#address)
    this.#nameLength = larger(this.#nameLength)
    this.#targetLength = larger(this.#targetLength)
  }
}
