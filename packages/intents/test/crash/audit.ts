import type { End } from './crash-client-order.ts'
import type { Effects } from './crash-database.ts'
import { amountOf, intentOf } from './crash-intents.ts'

/** Something that must never be, in words. */
export type Fault = string

const MOST = 5

/** Holds what a database has against what callers were told, the names of whose intents are a letter and a number. */
export function audit(told: ReadonlyMap<string, End>, { applied, totals }: Effects): readonly Fault[] {
  const lost: Fault[] = []
  const untrue: Fault[] = []
  for (const [name, end] of told) {
    const times = applied.get(name) ?? 0
    if ((end === 'committed' || end === 'duplicate') && times === 0) lost.push(`lost: ${name} was told ${end}`)
    if (end === 'failed' && times > 0) untrue.push(`untrue: ${name} was told failed, and is applied`)
  }
  const sums = new Map<string, number>()
  const doubled: Fault[] = []
  for (const [name, times] of applied) {
    if (times > 1)
      doubled.push(`doubled: ${name} is applied ${times} times, and was told ${told.get(name) ?? 'nothing'}`)
    const n = Number(name.slice(1))
    const { row } = intentOf(n, 'none').payload
    sums.set(row, (sums.get(row) ?? 0) + times * amountOf(n))
  }
  const wrong: Fault[] = []
  for (const [row, total] of totals) {
    const sum = sums.get(row) ?? 0
    if (total !== sum) wrong.push(`sum: ${row} has ${total}, and its log makes ${sum}`)
  }
  return [lost, doubled, untrue, wrong].flatMap(shortened)
}

function shortened(faults: readonly Fault[]): readonly Fault[] {
  return faults.length <= MOST ? faults : [...faults.slice(0, MOST), `and ${faults.length - MOST} more of the kind`]
}
