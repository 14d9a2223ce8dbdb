import type { BatchScheduler } from '../../src/batch-scheduler.ts'
import type { End } from './crash-client-order.ts'
import { type INTENTS, intentOf, type Keys } from './crash-intents.ts'

/** How intents ended, by name: with a status, or with the code of an error. */
export type Ends = ReadonlyMap<string, string>

/** Submits the intents of these numbers, and tells how each ended. */
export async function endsOf(
  scheduler: BatchScheduler<typeof INTENTS>,
  numbers: readonly number[],
  keys: Keys,
): Promise<Ends> {
  const intents = numbers.map((n) => intentOf(n, keys))
  const outcomes = await scheduler.submitMany(intents)
  return new Map(outcomes.map(({ result, error }, at) => [intents[at]!.payload.name, result?.status ?? codeOf(error)]))
}

/** How many ended in which way. */
export function countsOf(ends: Ends): Record<string, number> {
  const counts: Record<string, number> = {}
  for (const end of ends.values()) counts[end] = (counts[end] ?? 0) + 1
  return counts
}

/** What an audit needs to know of it. Of the same name in several, the last counts. */
export function toldOf(...all: readonly Ends[]): Map<string, End> {
  return new Map(
    all
      .flatMap((ends) => [...ends])
      .map(([name, end]) => {
        if (end === 'committed' || end === 'duplicate') return [name, end]
        return [name, end === 'OUTCOME_UNKNOWN' ? 'unknown' : 'failed']
      }),
  )
}

function codeOf(error: unknown): string {
  return typeof error === 'object' && error !== null && 'code' in error ? String(error.code) : String(error)
}
