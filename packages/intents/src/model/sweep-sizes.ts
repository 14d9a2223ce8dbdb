import type { Clock } from '@millrace/kernel/clock'
import { Histogram } from '@millrace/kernel/observe/histogram'
import type { Sink, WriteBatch } from '../sink/sink.ts'

/** What batches of one size came to. */
export interface SizePoint {
  readonly size: number
  /** Intents a second, over all connections: the median of the rounds. */
  readonly intentsPerSecond: number
  /** What a batch took, in ms. */
  readonly meanMs: number
  readonly p50Ms: number
  readonly p99Ms: number
  readonly batches: number
}

export interface SweepOptions {
  readonly sink: Pick<Sink, 'write'>
  /** Different sizes, each at least 1. */
  readonly sizes: readonly number[]
  /** Time for each size, each time it is visited, in ms. */
  readonly sliceMs: number
  /** How often each size is visited, at least 1. */
  readonly rounds: number
  /** Batches under way at once. */
  readonly writers: number
  /** Batches of a size for one of the writers, which share no key with another writer's. */
  readonly batchesOf: (size: number, writer: number) => readonly WriteBatch[]
  readonly clock: Pick<Clock, 'now'>
  /** Ends it early: what was measured until then stands. */
  readonly signal?: AbortSignal | undefined
  /** Called after each visit of a size. */
  readonly onVisit?: ((size: number, round: number) => void) | undefined
}

/**
 * Measures what a sink takes for batches of different sizes. All sizes are visited in each round, upwards and then downwards, so that a machine that gets
 * slower or faster meanwhile favours none; the first batch of a visit is not counted. Rejects with what a write rejects with.
 */
export async function sweepSizes(options: SweepOptions): Promise<readonly SizePoint[]> {
  const { sizes, rounds, signal, onVisit } = options
  const visits = new Map(sizes.map((size) => [size, new Visits()]))
  const upwards = sizes.toSorted((a, b) => a - b)
  for (let round = 0; round < rounds && !isOver(signal); round++) {
    for (const size of round % 2 === 0 ? upwards : upwards.toReversed()) {
      if (isOver(signal)) break
      await visit(options, size, visits.get(size)!)
      onVisit?.(size, round)
    }
  }
  return upwards.flatMap((size) => visits.get(size)!.point(size))
}

class Visits {
  readonly times = new Histogram()
  readonly rates: number[] = []

  point(size: number): SizePoint[] {
    if (this.rates.length === 0) return []
    const { times } = this
    return [
      {
        size,
        intentsPerSecond: median(this.rates),
        meanMs: times.mean,
        p50Ms: times.percentile(50),
        p99Ms: times.percentile(99),
        batches: times.count,
      },
    ]
  }
}

async function visit(options: SweepOptions, size: number, { times, rates }: Visits): Promise<void> {
  const { sink, sliceMs, writers, batchesOf, clock, signal = new AbortController().signal } = options
  const prepared = Array.from({ length: writers }, (_, writer) => batchesOf(size, writer))
  try {
    await Promise.all(prepared.map((batches) => sink.write(batches[0]!, signal)))
    const startedAt = clock.now()
    let written = 0
    const work = prepared.map(async (batches) => {
      let at = 0
      do {
        const from = clock.now()
        await sink.write(batches[at++ % batches.length]!, signal)
        times.record(clock.now() - from)
        written += size
      } while (clock.now() - startedAt < sliceMs && !signal.aborted)
    })
    await Promise.all(work)
    rates.push((1000 * written) / (clock.now() - startedAt))
  } catch (error) {
    if (!signal.aborted) throw error
  }
}

function isOver(signal: AbortSignal | undefined): boolean {
  return signal?.aborted === true
}

function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b)
  const middle = sorted.length >> 1
  return sorted.length % 2 === 1 ? sorted[middle]! : (sorted[middle - 1]! + sorted[middle]!) / 2
}
