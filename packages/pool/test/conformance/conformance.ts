import { calls } from './calls.ts'
import { within } from './check.ts'
import { deaths } from './deaths.ts'
import { endings } from './endings.ts'
import { interruptions } from './interruptions.ts'
import { lives } from './lives.ts'
import { order } from './order.ts'
import type { Case, HostPlace, Mode } from './place.ts'
import { streams } from './streams.ts'
import { values } from './values.ts'

/** Longer than anything takes: a bound against hangs. */
const PATIENCE_MS = 50_000

const cases: readonly Case[] = [
  ...values,
  ...order,
  ...calls,
  ...interruptions,
  ...deaths,
  ...streams,
  ...endings,
  ...lives,
]

/** What holds in a mode, by name; how values travel is the same whoever polls. */
export function promisesIn(mode: Mode): string[] {
  const kept = cases.filter(
    (each) =>
      (each.needs === undefined || wayOf(mode) === each.needs || (each.needs === 'workers' && mode !== 'caller')) &&
      !(mode === 'polled' && values.includes(each)),
  )
  return kept.map(({ name }) => name)
}

/** By which tasks travel. */
function wayOf(mode: Mode): Mode {
  return mode === 'polled' ? 'shared memory' : mode
}

/** Throws unless the named promise holds at a place. */
export async function holds(name: string, place: HostPlace): Promise<void> {
  const found = cases.find((each) => each.name === name)
  if (found === undefined) throw new Error(`there is no case "${name}"`)
  try {
    await within(PATIENCE_MS, found.run(place), name)
  } finally {
    await within(PATIENCE_MS, place.tidy(), 'closing what was left')
  }
}
