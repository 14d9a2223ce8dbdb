import type { MonitorSpec, Profile } from '../monitors/monitor.ts'

const MOST_CHANGES = 20

/** Draws what another manifest says: of some monitors something else, of some nothing any more, and of some that were no more it speaks again. */
export function drawChanges(
  monitors: readonly MonitorSpec[],
  profiles: readonly (Profile | undefined)[],
  random: () => number,
): ReadonlyMap<number, Profile | undefined> {
  const changes = new Map<number, Profile | undefined>()
  for (let count = Math.ceil(random() * MOST_CHANGES); count > 0; count--) {
    const monitor = Math.floor(random() * monitors.length)
    if (changes.has(monitor)) continue
    const { profile } = monitors[monitor]!
    const now = profiles[monitor]
    if (now === undefined) changes.set(monitor, profile)
    else if (random() < 0.5) changes.set(monitor, undefined)
    else changes.set(monitor, now === profile ? otherThan(profile) : profile)
  }
  return changes
}

const others = new WeakMap<Profile, Profile>()

/** The same one each time. */
function otherThan(profile: Profile): Profile {
  const known = others.get(profile)
  if (known !== undefined) return known
  const { check } = profile
  const other = { ...profile, check: { ...check, unhealthyThreshold: check.unhealthyThreshold + 1 } }
  others.set(profile, other)
  return other
}
