import type { Clock } from '@millrace/kernel/clock'
import { CODES, STATE_NAMES } from '../lifecycle/states.ts'
import type { MonitorQuery, MonitorView } from '../pulse.ts'
import { Flag, type MonitorTable, NEVER } from './monitor-table.ts'
import type { ProfileTable } from './profile-table.ts'

const LIMIT = 100

/** A monitor as others see it. @param fault is why its last check could not be made, if it could not. */
export function viewOf(
  number: number,
  table: MonitorTable,
  profiles: ProfileTable,
  clock: Clock,
  fault: string | undefined,
): MonitorView {
  const profile = profiles.get(table.profile[number]!)
  const flags = table.flags[number]!
  const remembered = table.remembered.get(number)
  const isIll = (flags & Flag.INCIDENT) !== 0
  const silencedUntil = remembered?.silencedUntil ?? NEVER
  return {
    name: table.nameOf(number),
    target: table.targetOf(number),
    type: profile.check.type,
    state: STATE_NAMES[table.state[number]!]!,
    reason: isIll ? remembered?.reason || undefined : undefined,
    fault,
    incidentSince: isIll ? remembered?.incidentAt || undefined : undefined,
    lastCheckAt: table.checkedAt[number] || undefined,
    lastLatencyMs: table.checkedAt[number] === 0 ? undefined : table.latencyMs[number],
    nextCheckAt: table.dueAt[number] || undefined,
    isFlapping: (flags & Flag.FLAPPING) !== 0,
    isPaused: (flags & Flag.PAUSED) !== 0,
    isAcknowledged: (flags & Flag.ACKNOWLEDGED) !== 0,
    undelivered: CODES.filter((_, code) => (table.outbox[number]! & (1 << code)) !== 0),
    silencedUntil: silencedUntil === NEVER ? undefined : Math.round(clock.wallNow() + (silencedUntil - clock.now())),
    tags: profile.tags,
    profile,
  }
}

/** The numbers of the monitors that a query asks for, in their order. O(monitors) where few are found. */
export function* numbersOf(query: MonitorQuery, table: MonitorTable, profiles: ProfileTable): Generator<number> {
  const { states, tags, limit = LIMIT } = query
  const isState = states && STATE_NAMES.map((name) => states.includes(name))
  const name = query.name?.toLowerCase()
  const first = query.after === undefined ? 0 : table.find(query.after) + 1
  let count = 0
  for (let number = first; number < table.end && count < limit; number++) {
    if (!table.has(number)) continue
    if (isState !== undefined && !isState[table.state[number]!]) continue
    if (tags?.some((tag) => !profiles.get(table.profile[number]!).tags.includes(tag))) continue
    if (name !== undefined && !table.nameOf(number).toLowerCase().includes(name)) continue
    count++
    yield number
  }
}
