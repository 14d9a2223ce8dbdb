import { BatchBuilder } from '../manifest/batch-builder.ts'
import type { MonitorBatch, MonitorSpec, Profile } from '../monitors/monitor.ts'

/** The kinds of monitors that are made for a simulation. */
const TYPE = 'simulated'

/** Of so many monitors people hear of one: to tell them costs more than all else. */
const TOLD = 8

const ROUTES: Profile['codes'] = Object.fromEntries(
  ['red', 'yellow', 'green', 'cyan', 'gray'].map((code) => [code, [{ type: TYPE, config: {} }]]),
)

/** Monitors in all the ways in which they can differ: thresholds, intervals, with an intervention and without. */
export function makeMonitors(count: number): MonitorSpec[] {
  const profiles: Profile[] = []
  for (const intervalMs of [1000, 2000, 4000]) {
    for (const [unhealthyThreshold, healthyThreshold] of [
      [1, 1],
      [2, 1],
      [2, 2],
      [3, 2],
      [1, 3],
    ] as const) {
      for (const coolDownMs of [undefined, 0, 10_000, 60_000]) {
        profiles.push({
          isEnabled: true,
          tags: [],
          check: { type: TYPE, intervalMs, timeoutMs: 500, unhealthyThreshold, healthyThreshold, options: {} },
          ...(coolDownMs !== undefined && {
            intervention: { type: TYPE, timeoutMs: 1000, coolDownMs, target: {} },
          }),
          codes: ROUTES,
          maintenance: [],
        })
      }
    }
  }
  const untold = profiles.map((profile) => ({ ...profile, codes: {} }))
  return Array.from({ length: count }, (_, number) => {
    const several = Math.floor(number / profiles.length)
    const profile = (several % TOLD === 0 ? profiles : untold)[number % profiles.length]!
    return { name: `m${number}`, target: '', profile }
  })
}

/** The monitors that batches say. */
export async function readMonitors(
  batches: AsyncIterable<MonitorBatch> | Iterable<MonitorBatch>,
): Promise<MonitorSpec[]> {
  const monitors: MonitorSpec[] = []
  const profiles: Profile[] = []
  const decoder = new TextDecoder()
  for await (const { profiles: fresh, text, lengths, profileNumbers } of batches) {
    profiles.push(...fresh)
    let from = 0
    for (const [at, number] of profileNumbers.entries()) {
      const [nameLength, targetLength] = [lengths[2 * at]!, lengths[2 * at + 1]!]
      const name = decoder.decode(text.subarray(from, from + nameLength))
      const target = decoder.decode(text.subarray(from + nameLength, from + nameLength + targetLength))
      monitors.push({ name, target, profile: profiles[number]! })
      from += nameLength + targetLength
    }
  }
  return monitors
}

/** Batches of monitors whose target is their number, by which the simulation knows them. */
export function* batchesOf(profileOf: (number: number) => Profile | undefined, names: readonly string[]) {
  const builder = new BatchBuilder()
  const keys = new Map<Profile, string>()
  for (const [number, name] of names.entries()) {
    const profile = profileOf(number)
    if (profile === undefined) continue
    const key = keys.get(profile) ?? JSON.stringify(profile)
    keys.set(profile, key)
    builder.add({ name, target: String(number), profile }, key, 0)
    if (builder.isFull) yield builder.take()
  }
  if (!builder.isEmpty) yield builder.take()
}
