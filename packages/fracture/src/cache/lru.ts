import { checkInteger } from '@millrace/kernel/options'
import { NONE, type SlotHandle, SlotLists } from '@millrace/kernel/queue/slot-lists'

interface Entry<K, V> {
  readonly hash: number
  readonly key: K
  readonly value: V
  readonly bytes: number
}

export interface LruOptions<K> {
  /** Most bytes kept, at least 0. */
  readonly maxBytes: number
  /** Whether two keys of one hash are the same. */
  readonly same: (one: K, other: K) => boolean
}

/**
 * Keeps what was used last, up to a number of bytes.
 *
 * Keys are found by a hash that the caller makes, and compared. Of two keys with one hash the later one takes the other's place, so that an
 * entry is never mistaken, only lost. Every operation is O(1), `set` amortised. What is larger than `maxBytes` is not kept.
 */
export class Lru<K, V> {
  readonly #maxBytes: number
  readonly #same: (one: K, other: K) => boolean
  /** PERF: a `Map` that is deleted from at its front is slow to find its first; bench/fracture/cache.bench.ts. */
  readonly #handles = new Map<number, SlotHandle>()
  /** One list: the entry used longest ago comes first. */
  readonly #order = new SlotLists({ lists: 1, onGrow: (capacity, movedFrom) => this.#move(capacity, movedFrom) })
  /** By slot. */
  #entries: (Entry<K, V> | undefined)[] = []
  #bytes = 0

  constructor({ maxBytes, same }: LruOptions<K>) {
    this.#maxBytes = checkInteger('Lru', 'maxBytes', maxBytes, { min: 0 })
    this.#same = same
  }

  get size(): number {
    return this.#order.size
  }

  get bytes(): number {
    return this.#bytes
  }

  /** The value kept for `key`, which counts as used now, or undefined. */
  get(hash: number, key: K): V | undefined {
    const slot = this.#slotOf(hash)
    const entry = this.#entries[slot]
    if (entry === undefined || !this.#same(entry.key, key)) return undefined
    this.#order.moveToBack(slot, 0)
    return entry.value
  }

  /** Keeps `value`, which takes `bytes`, and lets go of what was used longest ago as far as there is no room for it. */
  set(hash: number, key: K, value: V, bytes: number): void {
    this.#drop(this.#slotOf(hash))
    if (bytes > this.#maxBytes) return
    while (this.#bytes + bytes > this.#maxBytes) this.#drop(this.#order.first(0))
    const slot = this.#order.push(0)
    this.#entries[slot] = { hash, key, value, bytes }
    this.#handles.set(hash, this.#order.handleOf(slot))
    this.#bytes += bytes
  }

  #slotOf(hash: number): number {
    const handle = this.#handles.get(hash)
    return handle === undefined ? NONE : this.#order.find(handle)
  }

  #drop(slot: number): void {
    const entry = this.#entries[slot]
    if (entry === undefined) return
    this.#order.remove(slot)
    this.#entries[slot] = undefined
    this.#handles.delete(entry.hash)
    this.#bytes -= entry.bytes
  }

  #move(capacity: number, movedFrom: Int32Array): void {
    const entries = this.#entries
    this.#entries = Array.from({ length: capacity }, (_, slot) => entries[movedFrom[slot]!])
  }
}
