import { BatchSize } from '@millrace/kernel/learn/batch-size'
import { median, quantile } from '../harness/median.ts'
import { seededRandom } from '../harness/random.ts'

/** Longest time a batch shall take. */
export const OBJECTIVE_MS = 100
/** Bounds opened as far as anybody will. */
export const BOUNDS = { min: 1, max: 5000 }

/** A database: what a batch takes whatever its size, and what each item adds, in ms; one in fifty takes several times as long. */
export interface World {
  readonly name: string
  readonly fixedMs: number
  readonly perItemMs: number
}

export const worlds: readonly World[] = [
  { name: 'near', fixedMs: 1, perItemMs: 0.004 },
  { name: 'far away', fixedMs: 15, perItemMs: 0.01 },
  { name: 'slow', fixedMs: 5, perItemMs: 0.5 },
]

const NOISE = 0.05
const TAIL = { share: 0.02, least: 3, most: 10 }

/** Whoever says how many items the next batch shall have. */
export interface SizeRule {
  readonly size: number
  observe(items: number, ms: number): void
}

export interface Batch {
  readonly items: number
  readonly ms: number
}

/** A source of batches' times, the same for everybody with the same seed. */
export function timesOf({ fixedMs, perItemMs }: World, seed: number, hasTail: boolean) {
  const random = seededRandom(seed)
  return (items: number, slowdown: number): number => {
    const noise = Math.max(0.3, 1 + NOISE * Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random()))
    const late = random()
    const tail = hasTail && late < TAIL.share ? TAIL.least + ((TAIL.most - TAIL.least) * late) / TAIL.share : 1
    return (fixedMs + perItemMs * items) * noise * tail * slowdown
  }
}

/** So many batches of a rule, one after the other, all of them full. */
export function run(
  rule: SizeRule,
  time: (items: number, slowdown: number) => number,
  count: number,
  slowdown = 1,
): Batch[] {
  return Array.from({ length: count }, () => {
    const items = rule.size
    const ms = time(items, slowdown)
    rule.observe(items, ms)
    return { items, ms }
  })
}

/** Nothing in time counts as so much a ms: a ratio needs something to divide by. */
export const LEAST_GOODPUT = 0.001

/** Items in batches that were within the objective, by the time of all batches: a ms. */
export function goodput(batches: readonly Batch[], objectiveMs = OBJECTIVE_MS): number {
  const inTime = batches.filter(({ ms }) => ms <= objectiveMs).reduce((sum, { items }) => sum + items, 0)
  return Math.max(LEAST_GOODPUT, inTime / batches.reduce((sum, { ms }) => sum + ms, 0))
}

export function p99(batches: readonly Batch[]): number {
  return quantile(
    batches.map(({ ms }) => ms),
    0.99,
  )
}

export function adaptive(initial: number, latencyMs = OBJECTIVE_MS): SizeRule {
  const size = new BatchSize({ ...BOUNDS, initial, latencyMs })
  return {
    get size() {
      return size.size
    },
    observe: (items, ms) => size.observe({ items, ms, isFull: true, failures: 0, isTimeout: false }),
  }
}

export function fixed(size: number): SizeRule {
  return { size, observe: () => {} }
}

/** Additive increase while in time, half of it when late: as TCP does it. */
export function additive(initial: number, step: number, latencyMs = OBJECTIVE_MS): SizeRule {
  let size = initial
  return {
    get size() {
      return size
    },
    observe(_, ms) {
      size = Math.max(BOUNDS.min, Math.min(BOUNDS.max, ms <= latencyMs ? size + step : Math.floor(size / 2)))
    },
  }
}

/** Sizes among which the best is looked for, and steps of additive increase. */
export const SIZES = Array.from({ length: 24 }, (_, at) => Math.min(BOUNDS.max, Math.round(16 * 1.284 ** at)))
export const STEPS = [8, 32, 128]

/** Of several rules' samples the one with the greatest median. */
export function best<T extends { readonly values: readonly number[] }>(samples: readonly T[]): T {
  return samples.reduce((most, one) => (median(one.values) > median(most.values) ? one : most))
}
