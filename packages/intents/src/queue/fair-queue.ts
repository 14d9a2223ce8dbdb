import { Ring } from '@millrace/kernel/queue/ring'

/** What a {@link FairQueue} has to know of its items. */
export interface Tenanted {
  readonly tenant: string
  /** What it takes of its tenant's share; at least 0. */
  readonly bytes: number
}

/** A tenant's items, first in, first out. */
class Line<T> {
  readonly tenant: string
  readonly items = new Ring<T>()
  /** What it may still have in this turn; what its next item costs beyond that it saves up, turn by turn. */
  deficit = 0

  constructor(tenant: string) {
    this.tenant = tenant
  }
}

/** What a tenant is given in each of its turns. */
const QUANTUM = 4096
/** What an item costs beside its bytes: a row has its price however small it is. */
const ITEM_COST = 256

/**
 * Items of several tenants, each of which gets an equal share of what is taken, however many it puts in.
 *
 * First in, first out within a tenant. A tenant that has nothing waiting saves nothing up; of one with items the first, if it costs no more
 * than a quantum, waits for at most one round: a quantum of each of the others, and what they had saved up for one item. `push` and `shift`
 * are O(1), amortised by what the items cost; a tenant is forgotten with its last item.
 *
 * Deficit round robin: Shreedhar and Varghese, "Efficient Fair Queuing Using Deficit Round-Robin", IEEE/ACM Transactions on Networking 4(3), 1996.
 */
export class FairQueue<T extends Tenanted> {
  readonly #lines = new Map<string, Line<T>>()
  /** The lines that have items, in turn: the first is being served. */
  readonly #turns = new Ring<Line<T>>()
  /** Whether the first of them was given its quantum. */
  #hasBegun = false
  #size = 0

  /** Items that wait. */
  get size(): number {
    return this.#size
  }

  push(item: T): void {
    let line = this.#lines.get(item.tenant)
    if (line === undefined) {
      line = new Line(item.tenant)
      this.#lines.set(item.tenant, line)
      this.#turns.push(line)
    }
    line.items.push(item)
    this.#size++
  }

  /** The item {@link FairQueue.shift} would take. May move turns on: that is nobody's loss. */
  peek(): T | undefined {
    return this.#served()?.items.peek()
  }

  shift(): T | undefined {
    const line = this.#served()
    if (line === undefined) return undefined
    const item = line.items.shift()!
    line.deficit -= costOf(item)
    this.#size--
    if (line.items.size === 0) {
      this.#turns.shift()
      this.#lines.delete(line.tenant)
      this.#hasBegun = false
    }
    return item
  }

  /** Keeps those items that `isKept` says, in their places. O(size). */
  sweep(isKept: (item: T) => boolean): void {
    const served = this.#turns.peek()
    for (let count = this.#turns.size; count > 0; count--) {
      const line = this.#turns.shift()!
      for (let left = line.items.size; left > 0; left--) {
        const item = line.items.shift()!
        if (isKept(item)) line.items.push(item)
        else this.#size--
      }
      if (line.items.size > 0) this.#turns.push(line)
      else this.#lines.delete(line.tenant)
    }
    this.#hasBegun &&= this.#turns.peek() === served
  }

  /** The line whose turn it is: one that may have what its first item costs. */
  #served(): Line<T> | undefined {
    for (let line = this.#turns.peek(); line !== undefined; line = this.#turns.peek()) {
      if (!this.#hasBegun) line.deficit += QUANTUM
      this.#hasBegun = true
      const cost = costOf(line.items.peek()!)
      // Alone it has one turn after the other.
      if (this.#turns.size === 1) line.deficit = Math.max(line.deficit, cost)
      if (line.deficit >= cost) return line
      this.#turns.push(this.#turns.shift()!)
      this.#hasBegun = false
    }
    return undefined
  }
}

function costOf({ bytes }: Tenanted): number {
  return bytes + ITEM_COST
}
