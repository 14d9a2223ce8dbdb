import { checkInteger } from '../options.ts'

/** Where a {@link TimingWheel} starts, and for how many slots. */
export interface TimingWheelOptions {
  /** The tick it stands at first. @default 0 */
  readonly now?: number
  /** Slots for which there is room at first, at least 1. @default 16 */
  readonly capacity?: number
}

/** Each level has so many buckets: 32 words of 32 bits say which of them hold anything, and the bits of one word which of the words do. */
const BUCKET_BITS = 10
const BUCKETS = 1 << BUCKET_BITS
const BUCKET_MASK = BUCKETS - 1
const WORD_BITS = 5
const LEVELS = 3
/** Ticks of a bucket, by level. */
const SPANS = [1, BUCKETS, BUCKETS * BUCKETS] as const
/** The farthest that the last level reaches; what is due later waits there, and is put in its place when that bucket's time has come. */
const REACH = BUCKETS ** LEVELS - 1
const FARTHEST = 2 ** 31 - 1

/** Of each node the next and the previous one in its circle, and the tick it is due at, in its last 32 bits. */
const STRIDE = 3
const PREVIOUS = 1
const DUE = 2
/** The node of bucket 0, and that of slot 0. Node 0 is none: a next of 0 says that a slot is not in the wheel, so that new memory needs no filling. */
const FIRST_BUCKET = 1
const FIRST_SLOT = FIRST_BUCKET + LEVELS * BUCKETS

/**
 * What is due when: slots, by number, and for each a tick, both whole numbers from 0 on. It holds no items: their owner keeps them in columns of its own.
 *
 * Three levels of 1,024 buckets each: a bucket of the first is one tick, one of the next 1,024, one of the last 2²⁰. When the time of a bucket above the
 * first has come, its slots are handed down. So `schedule` and `cancel` are O(1), and between being scheduled and being due a slot is moved at most twice,
 * once more for each 2³⁰ ticks. Ticks at which nothing happens cost nothing, however many pass at once.
 *
 * Twelve bytes a slot; the room for them grows by a quarter. Nothing else is allocated. Slots and ticks are not checked, for it is made for other parts.
 *
 * Source: G. Varghese and T. Lauck, "Hashed and hierarchical timing wheels", SOSP 1987, scheme 7; with bitmaps to find the next bucket by.
 */
export class TimingWheel {
  #now: number
  #size = 0
  /** PERF: what is read together lies together, buckets in the circles of their slots, so that linking knows no special case; bench/kernel/timing-wheel.bench.ts. */
  #nodes: Int32Array
  /** Which buckets hold anything: of each level 32 words. */
  readonly #words = new Int32Array((LEVELS * BUCKETS) >>> WORD_BITS)
  /** Which of a level's words are not 0. */
  readonly #summaries = new Int32Array(LEVELS)

  constructor(options: TimingWheelOptions = {}) {
    this.#now = checkInteger('TimingWheel', 'now', options.now ?? 0, { min: 0 })
    const capacity = checkInteger('TimingWheel', 'capacity', options.capacity ?? 16, { min: 1, max: 2 ** 28 })
    const nodes = new Int32Array((FIRST_SLOT + capacity) * STRIDE)
    for (let node = FIRST_BUCKET; node < FIRST_SLOT; node++) {
      nodes[node * STRIDE] = node
      nodes[node * STRIDE + PREVIOUS] = node
    }
    this.#nodes = nodes
  }

  /** The tick it stands at: all that was due before it has been taken out. */
  get now(): number {
    return this.#now
  }

  /** Slots in the wheel. */
  get size(): number {
    return this.#size
  }

  has(slot: number): boolean {
    const at = (FIRST_SLOT + slot) * STRIDE
    return at < this.#nodes.length && this.#nodes[at] !== 0
  }

  /** The tick for which a slot was scheduled last, whether that is still to come or it has been taken out since. */
  dueOf(slot: number): number {
    return this.#dueOf(FIRST_SLOT + slot)
  }

  /**
   * Puts a slot into the wheel, or elsewhere if it is in it. A tick that has passed counts as the present one. O(1).
   * @param tick is at most 2³¹ − 1 after `now`.
   * @throws {MillraceError} `OPTION_INVALID` if it is later.
   */
  schedule(slot: number, tick: number): void {
    const now = this.#now
    if (!(tick - now <= FARTHEST)) checkInteger('TimingWheel', 'tick', tick, { max: now + FARTHEST })
    const node = FIRST_SLOT + slot
    if (node * STRIDE >= this.#nodes.length) this.#grow(slot)
    if (this.#nodes[node * STRIDE] === 0) this.#size++
    else this.#unlink(node)
    this.#link(node, Math.max(tick, now))
  }

  /** Takes a slot out before it is due; false if it is not in the wheel. O(1). */
  cancel(slot: number): boolean {
    if (!this.has(slot)) return false
    const node = FIRST_SLOT + slot
    this.#unlink(node)
    this.#nodes[node * STRIDE] = 0
    this.#size--
    return true
  }

  /**
   * The next tick at which `advance` has something to do, `Infinity` if there is none: until then no timer is needed. Never later than the first slot is
   * due; it may be earlier, for slots to be handed down. O(1).
   */
  nextTick(): number {
    return Math.min(this.#startOf(0), this.#startOf(1), this.#startOf(2))
  }

  /**
   * Moves to `tick`, and takes out what is due by then: writes the slots to `out`, in the order of their ticks, and returns how many. If that is the most, the
   * wheel stands where the last of them was due, and the same call goes on from there. A tick before `now` takes nothing out; `Infinity`, as the next tick of
   * an empty wheel is, takes out all there is and stays at the last.
   *
   * O(1 + slots written + slots handed down), however far `tick` is.
   * @param most is how many slots are written at most. @default `out.length`
   */
  advance(tick: number, out: Int32Array, most = out.length): number {
    let count = 0
    while (count < most) {
      const first = this.#startOf(0)
      // PERF: buckets above begin where the first level begins anew: mostly there is no need to look for them; bench/kernel/timing-wheel.bench.ts.
      const isAlone = Math.min(first, tick) <= this.#now + (BUCKET_MASK - (this.#now & BUCKET_MASK))
      const second = isAlone ? Number.POSITIVE_INFINITY : this.#startOf(1)
      const third = isAlone ? Number.POSITIVE_INFINITY : this.#startOf(2)
      const start = Math.min(first, second, third)
      if (start > tick || start === Number.POSITIVE_INFINITY) {
        if (tick > this.#now && tick < Number.POSITIVE_INFINITY) this.#now = tick
        break
      }
      this.#now = start
      // Both when they begin together: once now stands at its beginning, a bucket that is not empty is one of the next time round.
      if (start === third) this.#handDown(2)
      if (start === second) this.#handDown(1)
      if (start === first) count = this.#take(out, count, most)
    }
    return count
  }

  /** The tick at which the first bucket of a level that holds anything begins. */
  #startOf(level: number): number {
    const summary = this.#summaries[level]!
    if (summary === 0) return Number.POSITIVE_INFINITY
    const span = SPANS[level]!
    // Above the first level the bucket of the present was handed down when its time came: what is in it is for the next time round.
    const from = Math.floor(this.#now / span) + (level === 0 ? 0 : 1)
    const words = (level << BUCKET_BITS) >>> WORD_BITS
    const word = (from & BUCKET_MASK) >>> WORD_BITS
    const here = this.#words[words + word]! & (-1 << from)
    let bucket: number
    if (here !== 0) bucket = (word << WORD_BITS) + lowestBit(here)
    else {
      const later = summary & (-2 << word)
      const next = lowestBit(later !== 0 ? later : summary)
      bucket = (next << WORD_BITS) + lowestBit(this.#words[words + next]!)
    }
    return (from + ((bucket - from) & BUCKET_MASK)) * span
  }

  /** Hands the slots of the bucket that begins now down to the levels below. */
  #handDown(level: number): void {
    const nodes = this.#nodes
    const bucket = this.#bucketAt(level, this.#now)
    let node = nodes[bucket * STRIDE]!
    this.#empty(bucket)
    while (node !== bucket) {
      const next = nodes[node * STRIDE]!
      this.#link(node, this.#dueOf(node))
      node = next
    }
  }

  /** Takes out what is due now, as far as there is room. */
  #take(out: Int32Array, count: number, most: number): number {
    const nodes = this.#nodes
    const bucket = this.#bucketAt(0, this.#now)
    let taken = count
    let node = nodes[bucket * STRIDE]!
    while (node !== bucket && taken < most) {
      out[taken++] = node - FIRST_SLOT
      const next = nodes[node * STRIDE]!
      nodes[node * STRIDE] = 0
      node = next
    }
    this.#size -= taken - count
    if (node === bucket) this.#empty(bucket)
    else {
      nodes[bucket * STRIDE] = node
      nodes[node * STRIDE + PREVIOUS] = bucket
    }
    return taken
  }

  #dueOf(node: number): number {
    return this.#now + ((this.#nodes[node * STRIDE + DUE]! - this.#now) | 0)
  }

  /** The node of the bucket of `level` in which `tick` is. */
  #bucketAt(level: number, tick: number): number {
    return FIRST_BUCKET + (level << BUCKET_BITS) + (Math.floor(tick / SPANS[level]!) & BUCKET_MASK)
  }

  /** Links a node at the end of the bucket that `tick`, not before now, belongs into. */
  #link(node: number, tick: number): void {
    const nodes = this.#nodes
    const ahead = tick - this.#now
    const level = ahead < SPANS[1] ? 0 : ahead < SPANS[2] ? 1 : 2
    const bucket = this.#bucketAt(level, ahead > REACH ? this.#now + REACH : tick)
    const last = nodes[bucket * STRIDE + PREVIOUS]!
    nodes[node * STRIDE] = bucket
    nodes[node * STRIDE + PREVIOUS] = last
    nodes[node * STRIDE + DUE] = tick
    nodes[last * STRIDE] = node
    nodes[bucket * STRIDE + PREVIOUS] = node
    if (last === bucket) {
      const bit = bucket - FIRST_BUCKET
      this.#words[bit >>> WORD_BITS]! |= 1 << bit
      this.#summaries[level]! |= 1 << (bit >>> WORD_BITS)
    }
  }

  #unlink(node: number): void {
    const nodes = this.#nodes
    const next = nodes[node * STRIDE]!
    const previous = nodes[node * STRIDE + PREVIOUS]!
    nodes[previous * STRIDE] = next
    nodes[next * STRIDE + PREVIOUS] = previous
    if (next === previous) this.#empty(next)
  }

  /** Makes a bucket hold nothing. */
  #empty(bucket: number): void {
    this.#nodes[bucket * STRIDE] = bucket
    this.#nodes[bucket * STRIDE + PREVIOUS] = bucket
    const bit = bucket - FIRST_BUCKET
    const word = bit >>> WORD_BITS
    this.#words[word]! &= ~(1 << bit)
    if (this.#words[word] === 0) this.#summaries[bit >>> BUCKET_BITS]! &= ~(1 << word)
  }

  #grow(slot: number): void {
    const capacity = this.#nodes.length / STRIDE - FIRST_SLOT
    const nodes = new Int32Array((FIRST_SLOT + Math.max(slot + 1, Math.ceil(capacity * 1.25))) * STRIDE)
    nodes.set(this.#nodes)
    this.#nodes = nodes
  }
}

function lowestBit(bits: number): number {
  return 31 - Math.clz32(bits & -bits)
}
