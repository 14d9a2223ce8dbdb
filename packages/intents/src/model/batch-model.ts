import { checkInteger, checkNumber } from '@millrace/kernel/options'
import { Poisson } from './poisson.ts'

/** What {@link modelBatches} is told. */
export interface BatchModelOptions {
  /** Intents that come a second, each on its own, above 0, at most 10⁹. */
  readonly ratePerSecond: number
  /** Longest time the first intent of a batch waits for others, in ms, 0 to 60,000. @default 10 */
  readonly timeWindowMs?: number
  /** Most intents in a batch, 1 to 100,000. @default 857 */
  readonly maxBatchSize?: number
  /** Batches under way at once, 1 to 64. @default 2 */
  readonly connections?: number
  /** What a batch takes whatever is in it, in ms, at least 0; `millrace intents tune` measures it. @default 0.5 */
  readonly fixedMs?: number
  /** What an intent adds, in ms, at least 0. @default 0.005 */
  readonly perIntentMs?: number
}

/** What to expect of batches that are formed by the dual condition, of time and size. */
export interface BatchForecast {
  /**
   * What makes most batches leave: their window is over, they are full, a connection gets free while more and more wait; or more comes than can
   * be written at all, and waits without end.
   */
  readonly regime: 'time' | 'size' | 'connections' | 'saturated'
  /** Intents in a batch; from the 5th to the 95th percentile. */
  readonly fill: { readonly mean: number; readonly p5: number; readonly p50: number; readonly p95: number }
  /** Of what triggers batches, as shares that sum up to 1. */
  readonly triggers: { readonly time: number; readonly size: number }
  readonly batchesPerSecond: number
  /** What waiting for others adds to an intent's way, in ms. */
  readonly addedMs: { readonly mean: number; readonly p50: number; readonly p95: number; readonly p99: number }
  /** What an average batch takes to write, in ms. */
  readonly writeMs: number
  /** How many times cheaper for the database it is than one by one: the time of as many single intents, over that of the batch. */
  readonly gain: number
  /** Transactions a second, with batches and without, and the share of them that is saved. */
  readonly roundTrips: { readonly batched: number; readonly oneByOne: number; readonly saved: number }
  /** Share of the connections' time that is used, 0 to 1. */
  readonly utilization: number
  /** Intents a second that can be written at most, with full batches on all connections. */
  readonly capacityPerSecond: number
  /** Intents in a batch where an idle connection takes at once what there is, as with adaptive batching, on average. */
  readonly adaptiveFill: number
  /** P(a batch has `size` intents). */
  probability(size: number): number
}

/**
 * What to expect of a window and a size, without trying: intents come as a Poisson process, and a batch of n takes `fixedMs + perIntentMs × n`.
 *
 * A batch begins with its first intent, so it has 1 + Poisson(λ · window) of them, at most `maxBatchSize`; the specification's P(X = k) is of
 * those that follow the first. With Λ(s) for Poisson(λ · s) and N for the size, exactly:
 *
 * - mean fill: 1 + E[min(Λ(window), N − 1)]; a batch leaves by its size with P(Λ(window) ≥ N − 1);
 * - an intent waits longer than s < window with (P(Λ(s) ≤ N − 2) + E[min(Λ(window), N − 2)] − E[min(Λ(s), N − 2)]) / mean fill: the first term is the
 *   first intent, the others come uniformly, and wait for what is left of the window or of the size.
 *
 * Where batches would leave faster than connections get free they wait, and grow until they do not: to n = fixed · λ / (connections − perIntent · λ), each
 * intent waiting uniformly up to n / λ. That part is of means, and so is `adaptiveFill`.
 * @throws {MillraceError} `OPTION_INVALID`.
 */
export function modelBatches(options: BatchModelOptions): BatchForecast {
  const given = check(options)
  const { perMs, windowMs, most, connections, msOf } = given
  const followers = new Poisson(perMs * windowMs)
  const dualFill = 1 + followers.meanUpTo(most - 1)
  const bySize = followers.atLeast(most - 1)
  const capacityPerMs = (connections * most) / msOf(most)
  const busyFill = fillWhenBusy(given)
  const offered = (perMs * msOf(dualFill)) / (dualFill * connections)

  const isSaturated = perMs >= capacityPerMs
  const isBusy = !isSaturated && offered >= 1
  const mean = isSaturated ? most : isBusy ? busyFill : dualFill
  const quantile = (share: number) => (isSaturated || isBusy ? mean : Math.min(1 + followers.quantile(share), most))
  const writeMs = msOf(mean)
  const batchesPerMs = Math.min(perMs, capacityPerMs) / mean
  const addedMs = isSaturated
    ? WITHOUT_END
    : isBusy
      ? uniform(mean / perMs)
      : addedByWaiting(given, followers, dualFill)
  return {
    regime: isSaturated ? 'saturated' : isBusy ? 'connections' : bySize > 0.5 ? 'size' : 'time',
    fill: { mean, p5: quantile(0.05), p50: quantile(0.5), p95: quantile(0.95) },
    triggers: isSaturated ? { time: 0, size: 1 } : { time: 1 - bySize, size: bySize },
    batchesPerSecond: batchesPerMs * 1000,
    addedMs,
    writeMs,
    gain: (mean * msOf(1)) / writeMs,
    roundTrips: { batched: batchesPerMs * 1000, oneByOne: batchesPerMs * mean * 1000, saved: 1 - 1 / mean },
    utilization: Math.min(1, (batchesPerMs * writeMs) / connections),
    capacityPerSecond: capacityPerMs * 1000,
    adaptiveFill: Math.min(most, Math.max(1, busyFill)),
    probability(size) {
      if (isSaturated || isBusy) return size === Math.round(mean) ? 1 : 0
      return size > most ? 0 : size === most ? bySize : followers.probability(size - 1)
    },
  }
}

interface Given {
  readonly perMs: number
  readonly windowMs: number
  readonly most: number
  readonly connections: number
  readonly fixedMs: number
  readonly perIntentMs: number
  msOf(size: number): number
}

const WITHOUT_END = { mean: Infinity, p50: Infinity, p95: Infinity, p99: Infinity }
/** Less is no time that a clock tells apart; a batch that took none would divide by it. */
const LEAST_MS = 1e-6

function check(options: BatchModelOptions): Given {
  const owner = 'modelBatches'
  const perMs = checkNumber(owner, 'ratePerSecond', options.ratePerSecond, { above: 0, max: 1e9 }) / 1000
  const fixedMs = checkNumber(owner, 'fixedMs', options.fixedMs ?? 0.5, { min: 0 })
  const perIntentMs = checkNumber(owner, 'perIntentMs', options.perIntentMs ?? 0.005, { min: 0 })
  const windowMs = checkNumber(owner, 'timeWindowMs', options.timeWindowMs ?? 10, { min: 0, max: 60_000 })
  const most = checkInteger(owner, 'maxBatchSize', options.maxBatchSize ?? 857, { min: 1, max: 100_000 })
  return {
    perMs,
    // Within this many the batch is full for sure: a longer window changes nothing, and would take long to calculate.
    windowMs: Math.min(windowMs, (most + 40 * Math.sqrt(most) + 400) / perMs),
    most,
    connections: checkInteger(owner, 'connections', options.connections ?? 2, { min: 1, max: 64 }),
    fixedMs,
    perIntentMs,
    msOf: (size) => Math.max(LEAST_MS, fixedMs + perIntentMs * size),
  }
}

/** The size with which all connections together write as much as comes. */
function fillWhenBusy({ perMs, connections, fixedMs, perIntentMs }: Given): number {
  const left = connections - perIntentMs * perMs
  return left <= 0 ? Number.POSITIVE_INFINITY : (fixedMs * perMs) / left
}

function uniform(upToMs: number): BatchForecast['addedMs'] {
  return { mean: upToMs / 2, p50: upToMs / 2, p95: 0.95 * upToMs, p99: 0.99 * upToMs }
}

function addedByWaiting({ perMs, windowMs, most }: Given, followers: Poisson, fill: number): BatchForecast['addedMs'] {
  const inWindow = followers.meanUpTo(most - 2)
  const sharesLonger = (ms: number) => {
    if (ms >= windowMs || most === 1) return 0
    const before = new Poisson(perMs * ms)
    return (before.atMost(most - 2) + inWindow - before.meanUpTo(most - 2)) / fill
  }
  const quantile = (share: number) => {
    let [low, high] = [0, windowMs]
    if (sharesLonger(0) <= 1 - share) return 0
    for (let step = 0; step < 40; step++) {
      const middle = (low + high) / 2
      if (sharesLonger(middle) > 1 - share) low = middle
      else high = middle
    }
    return high
  }
  return { mean: meanAdded(perMs, followers, most, fill), p50: quantile(0.5), p95: quantile(0.95), p99: quantile(0.99) }
}

/** Σ k · P(Λ ≥ k) for k from 1 to N − 1 is what all of a batch wait together, in units of the mean time between two; over those it has. */
function meanAdded(perMs: number, followers: Poisson, most: number, fill: number): number {
  let sum = 0
  const last = Math.min(most - 1, followers.most)
  // Below what has a term, P is 1: an arithmetic series.
  const certain = Math.min(last, followers.least)
  sum += (certain * (certain + 1)) / 2
  for (let k = certain + 1; k <= last; k++) sum += k * followers.atLeast(k)
  return sum / perMs / fill
}
