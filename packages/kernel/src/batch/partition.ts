import { checkInteger, checkNumber } from '../options.ts'

/** The bounds of the batches of {@link partition}. */
export interface PartitionOptions {
  /** Workers that will pull the batches, at least 1. */
  readonly workers: number
  /** Most items in a batch, at least 1. */
  readonly maxItems: number
  /** Cost below which a batch is not worth handing over, in the unit of the costs, at least 0. @default 0 */
  readonly minCost?: number
  /**
   * Cost of further work that follows these items, in the same unit, at least 0: batches shrink only as all of it runs
   * out. @default 0
   */
  readonly costAfter?: number
}

/**
 * Cuts items, given by their costs and sorted with the largest first, into consecutive batches that shrink towards the
 * end, so that workers pulling them in order finish together. Returns the end offset of each batch.
 *
 * A batch ends with the item that brings it to `remaining / (2 × workers)`, but at least `minCost`; or at `maxItems`,
 * whichever comes first. It always has an item. O(n); allocates the result and as much again.
 *
 * Factoring: Hummel, Schonberg and Flynn, "Factoring: a method for scheduling parallel loops", CACM 35(8), 1992.
 * @throws {MillraceError} `OPTION_INVALID` for an option out of bounds, or a cost that is negative or not finite.
 */
export function partition(costs: Float64Array, options: PartitionOptions): Uint32Array {
  const workers = checkInteger('partition', 'workers', options.workers, { min: 1 })
  const maxItems = checkInteger('partition', 'maxItems', options.maxItems, { min: 1 })
  const minCost = checkNumber('partition', 'minCost', options.minCost ?? 0, { min: 0 })

  let remaining = checkNumber('partition', 'costAfter', options.costAfter ?? 0, { min: 0 })
  for (let index = 0; index < costs.length; index++) {
    const cost = costs[index]!
    if (!(cost >= 0 && cost <= Number.MAX_VALUE)) checkNumber('partition', `costs[${index}]`, cost, { min: 0 })
    remaining += cost
  }

  const ends = new Uint32Array(costs.length)
  let batches = 0
  let index = 0
  while (index < costs.length) {
    const target = Math.max(minCost, remaining / (2 * workers))
    const last = Math.min(costs.length, index + maxItems)
    let batchCost = costs[index++]!
    while (index < last && batchCost < target) batchCost += costs[index++]!
    remaining -= batchCost
    ends[batches++] = index
  }
  return ends.slice(0, batches)
}
