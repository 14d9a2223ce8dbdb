import type { Job } from '../queue/job.ts'
import { ownCopy, type PackedFragments, packedBytes } from '../result/packed-fragments.ts'
import type { Cut } from '../task/cut.ts'
import { bytesOf, type CutKey, isSameCut } from './cut-key.ts'
import { Lru } from './lru.ts'

/** What an entry takes beside its arrays' numbers, in bytes, about. */
const ENTRY_BYTES = 1024

/** A cache at one moment. */
export interface CacheStats {
  /** Jobs whose result was kept, … */
  readonly hits: number
  /** … was to be cut, … */
  readonly misses: number
  /** … or was being cut already for another. */
  readonly coalesced: number
  readonly entries: number
  readonly bytes: number
}

/** Results that were made, up to a number of bytes, and those that are being made. */
export class ResultCache {
  readonly #kept: Lru<CutKey, { packed: PackedFragments }>
  /** The cuts that are under way and may be joined, by hash. */
  readonly #underWay = new Map<number, Cut<Job>>()
  #hits = 0
  #misses = 0
  #coalesced = 0

  constructor(maxBytes: number) {
    this.#kept = new Lru({ maxBytes, same: isSameCut })
  }

  get stats(): CacheStats {
    const { size: entries, bytes } = this.#kept
    return { hits: this.#hits, misses: this.#misses, coalesced: this.#coalesced, entries, bytes }
  }

  /** The result kept for `key`. */
  find(key: CutKey): PackedFragments | undefined {
    const kept = this.#kept.get(key.hash, key)
    if (kept === undefined) return undefined
    this.#hits++
    // What comes from workers lies in memory with many others. Those are let go together, but for the few that are asked for again: alone, each would keep all.
    if (sharesMemory(kept.packed)) kept.packed = ownCopy(kept.packed)
    return kept.packed
  }

  /** The cut under way for `key`. */
  join(key: CutKey): Cut<Job> | undefined {
    const cut = this.#underWay.get(key.hash)
    if (cut?.key === undefined || !isSameCut(cut.key, key)) {
      this.#misses++
      return undefined
    }
    this.#coalesced++
    return cut
  }

  begin(cut: Cut<Job>): void {
    if (cut.key !== undefined) this.#underWay.set(cut.key.hash, cut)
  }

  /** The cut is over: nobody joins it any more. */
  end(cut: Cut<Job>): void {
    if (cut.key !== undefined && this.#underWay.get(cut.key.hash) === cut) this.#underWay.delete(cut.key.hash)
  }

  keep(key: CutKey, packed: PackedFragments): void {
    this.#kept.set(key.hash, key, { packed }, ENTRY_BYTES + bytesOf(key) + packedBytes(packed))
  }
}

/** Whether they keep more than twice the memory that they need: they are views of a piece of which others are views as well. */
function sharesMemory(packed: PackedFragments): boolean {
  return packed.numbers.buffer.byteLength > 2 * packedBytes(packed)
}
