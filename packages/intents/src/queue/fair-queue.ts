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
  /** Bytes it may still have in this round. */
  deficit = 0

  constructor(tenant: string) {
    this.tenant = tenant
  }
}

/** Bytes that a tenant is given a round beside what an item of no bytes costs. */
const QUANTUM = 4096
/** What an item costs beside its bytes: a row has its price however small it is. */
const ITEM_COST = 256

/**
 * Items of several tenants, each of which gets an equal share of what is taken, however many it puts in.
 *
 * First in, first out within a tenant. A tenant that has nothing waiting saves nothing up; one with items waits for at most one round, a
 * quantum of each of the others. `push` and `shift` are O(1); a tenant is forgotten with its last item.
 *
 * Deficit round robin: Shreedhar and Varghese, "Efficient Fair Queuing Using Deficit Round-Robin", IEEE/ACM Transactions on Networking 4(3), 1996.
 */
export class FairQueue<T extends Tenanted> {
  readonly #lines = new Map<string, Line<T>>()
  /** The lines that have items, in turn: the first is being served. */
  readonly #turns = new Ring<Line<T>>()
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
      line.deficit = QUANTUM
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
    line.deficit -= item.bytes + ITEM_COST
    this.#size--
    if (line.items.size === 0) {
      this.#turns.shift()
      this.#lines.delete(line.tenant)
    }
    return item
  }

  /** The line whose turn it is: one that may have what its first item costs. */
  #served(): Line<T> | undefined {
    const line = this.#turns.peek()
    if (line === undefined || this.#turns.size === 1) return line
    return line.deficit > 0 ? line : this.#nextTurn()
  }

  #nextTurn(): Line<T> {
    for (;;) {
      const passed = this.#turns.shift()!
      // An item may cost more than was left: its tenant owes the rest, and is passed over until that is paid.
      passed.deficit = Math.min(QUANTUM, passed.deficit + QUANTUM)
      this.#turns.push(passed)
      const next = this.#turns.peek()!
      if (next.deficit > 0) return next
    }
  }
}
