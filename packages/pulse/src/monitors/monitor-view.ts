import type { Clock } from '@millrace/kernel/clock'
import { CODES, STATE_NAMES } from '../lifecycle/states.ts'
import type { MonitorQuery, MonitorView } from '../pulse.ts'
import { Flag, type MonitorTable, NEVER } from './monitor-table.ts'
import type { ProfileTable } from './profile-table.ts'

const LIMIT = 100
const ASCII = /^[ -~]*$/

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

/** The numbers of the monitors that a query asks for, in the order of the manifest. O(monitors) where few are found; only for `name` are names looked at. */
export function* numbersOf(query: MonitorQuery, table: MonitorTable, profiles: ProfileTable): Generator<number> {
  const { states, tags, limit = LIMIT } = query
  const isState = states && STATE_NAMES.map((name) => states.includes(name))
  const name = query.name?.toLowerCase()
  const nameBytes = name !== undefined && ASCII.test(name) ? Buffer.from(name) : undefined
  const { order } = table
  const end = order?.length ?? table.end
  let count = 0
  for (let at = placeBehind(query.after, table); at < end && count < limit; at++) {
    const number = order === undefined ? at : order[at]!
    if (!table.has(number)) continue
    if (isState !== undefined && !isState[table.state[number]!]) continue
    if (tags?.some((tag) => !profiles.get(table.profile[number]!).tags.includes(tag))) continue
    if (name !== undefined && !table.nameContains(number, name, nameBytes)) continue
    count++
    yield number
  }
}

/** Where in the order it goes on behind a monitor; at the beginning, if there is none of that name. */
function placeBehind(name: string | undefined, table: MonitorTable): number {
  const number = name === undefined ? -1 : table.find(name)
  return number < 0 || table.order === undefined ? number + 1 : table.order.indexOf(number) + 1
}
