import { type Entry, EntryState } from './entry.ts'

/**
 * Keeps the order of a key: of all entries of one key that are not over, only those in one batch are on their way, and the others stand
 * behind them in a chain.
 *
 * Owns `next` and `previous` of entries, and which is the last of its key. Each call is O(1), and allocates nothing but the key's place in a map.
 */
export class KeyChains {
  /**
   * By key, the last entry that has not left, in a box of its own.
   *
   * PERF: a Map that has lived long makes its tables in the old generation, and those it has outgrown keep what they held until a major
   * collection: that is to be a box, not an intent with all it refers to; bench/intents/latency.bench.ts.
   */
  readonly #last = new Map<string, { entry: Entry | undefined }>()

  /** Keys of which something waits or is under way. */
  get size(): number {
    return this.#last.size
  }

  /** Puts an entry behind all of its key, and gives the one before it, if there is one. */
  enter(entry: Entry): Entry | undefined {
    const { key } = entry
    if (key === undefined) return undefined
    const last = this.#last.get(key)
    if (last === undefined) {
      this.#last.set(key, { entry })
      return undefined
    }
    const before = last.entry!
    last.entry = entry
    before.next = entry
    entry.previous = before
    return before
  }

  /** Takes out an entry that waited in the chain, and was withdrawn: it is in no batch. */
  unlink(entry: Entry): void {
    const { key, next, previous } = entry
    if (previous === undefined) return
    previous.next = next
    if (next !== undefined) next.previous = previous
    else this.#last.get(key!)!.entry = previous
    entry.next = undefined
    entry.previous = undefined
  }

  /**
   * Takes out an entry before which none of its key stands, and gives the one that waited in the chain for just that. One that was withdrawn
   * from a batch stays where it stands until the batch is over: it is what keeps those before and behind it in order.
   */
  leave(entry: Entry): Entry | undefined {
    const { key } = entry
    if (key === undefined) return undefined
    let last = entry
    let next = take(entry)
    while (next !== undefined && next.state === EntryState.OVER) {
      last = next
      next = take(next)
    }
    if (next !== undefined) return next.state === EntryState.CHAINED ? next : undefined
    const box = this.#last.get(key)
    if (box?.entry === last) {
      box.entry = undefined
      this.#last.delete(key)
    }
    return undefined
  }
}

function take(entry: Entry): Entry | undefined {
  const { next } = entry
  entry.next = undefined
  if (next !== undefined) next.previous = undefined
  return next
}
