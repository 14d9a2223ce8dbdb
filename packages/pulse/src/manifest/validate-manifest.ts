import { MillraceError } from '@millrace/kernel/errors'
import type { Profile } from '../monitors/monitor.ts'
import type { FaultList } from './fault-list.ts'
import { type ManifestOptions, readManifest } from './read-manifest.ts'

/** What a manifest comes to. */
export interface ManifestReport {
  /** That would be loaded. */
  readonly monitors: number
  /** Of these, so many are not enabled. */
  readonly disabled: number
  /** Of those that are enabled, so many have no place for red: if they are down, nobody hears of it. */
  readonly untold: number
  /** Monitors by kind of check, the most frequent first. */
  readonly byCheck: Readonly<Record<string, number>>
  /** Monitors by kind of intervention; those without one are not in it. */
  readonly byIntervention: Readonly<Record<string, number>>
  /** Profiles that differ. */
  readonly profiles: number
  /** Begun on average, of monitors that are enabled. */
  readonly checksPerSecond: number
  /** Checks under way at once if every one took all of its time. */
  readonly maxUnderWay: number
  /** About what a process needs for them, beyond what it needs without any. */
  readonly memoryBytes: number
  readonly faults: FaultList
}

/** By monitor beside its name and its target, and by profile. */
const MONITOR_BYTES = 300
const PROFILE_BYTES = 2048

/**
 * Reads all of a manifest and says what it comes to, faults and all.
 * @throws {MillraceError} `OPTION_INVALID`; `MANIFEST_UNREADABLE`.
 */
export async function validateManifest(
  source: Parameters<typeof readManifest>[0],
  options: ManifestOptions,
): Promise<ManifestReport> {
  const manifest = readManifest(source, options)
  const profiles: Profile[] = []
  /** By profile. */
  const uses: number[] = []
  let textBytes = 0
  try {
    for await (const batch of manifest) {
      for (const profile of batch.profiles) {
        profiles.push(profile)
        uses.push(0)
      }
      for (const number of batch.profileNumbers) uses[number]!++
      textBytes += batch.text.length
    }
  } catch (error) {
    if (!(error instanceof MillraceError) || error.code !== 'MANIFEST_INVALID') throw error
  }
  const byCheck = new Map<string, number>()
  const byIntervention = new Map<string, number>()
  let [monitors, disabled, untold, checksPerSecond, maxUnderWay] = [0, 0, 0, 0, 0]
  for (const [number, { isEnabled, check, intervention, codes }] of profiles.entries()) {
    const count = uses[number]!
    monitors += count
    byCheck.set(check.type, (byCheck.get(check.type) ?? 0) + count)
    if (intervention !== undefined)
      byIntervention.set(intervention.type, (byIntervention.get(intervention.type) ?? 0) + count)
    if (!isEnabled) disabled += count
    else {
      if ((codes.red ?? []).length === 0) untold += count
      checksPerSecond += (count * 1000) / check.intervalMs
      maxUnderWay += (count * check.timeoutMs) / check.intervalMs
    }
  }
  return {
    monitors,
    disabled,
    untold,
    byCheck: frequentFirst(byCheck),
    byIntervention: frequentFirst(byIntervention),
    profiles: profiles.length,
    checksPerSecond,
    maxUnderWay: Math.ceil(maxUnderWay),
    memoryBytes: monitors * MONITOR_BYTES + textBytes + profiles.length * PROFILE_BYTES,
    faults: manifest.faults,
  }
}

function frequentFirst(counts: ReadonlyMap<string, number>): Readonly<Record<string, number>> {
  return Object.fromEntries([...counts].sort(([, a], [, b]) => b - a))
}
