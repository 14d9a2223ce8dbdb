import type { Clock } from '@millrace/kernel/clock'
import { State } from '../lifecycle/states.ts'
import type { StoredMonitor } from '../store/pulse-store.ts'
import { Flag, KEPT_FLAGS, type MonitorTable, NEVER } from './monitor-table.ts'

/** What is to outlive the process of a monitor; undefined if there is nothing but its manifest. */
export function storedOf(number: number, table: MonitorTable, said: number, clock: Clock): StoredMonitor | undefined {
  const state = table.state[number] as State
  const flags = table.flags[number]! & KEPT_FLAGS
  const {
    incidentAt = 0,
    incident = 0,
    neededAt = NEVER,
    interventionAt = NEVER,
    alertAt = NEVER,
    silencedUntil = NEVER,
    reason = '',
  } = table.remembered.get(number) ?? {}
  const isPlain = state === State.UP || state === State.UNKNOWN
  const isNew = Math.max(interventionAt, alertAt, silencedUntil) === NEVER
  if (isPlain && flags === 0 && table.told[number] === 0 && isNew) return undefined
  const keptAt = clock.wallNow()
  const now = clock.now()
  const byWall = (time: number) => (time === NEVER ? 0 : keptAt + (time - now))
  return {
    name: table.nameOf(number),
    state,
    flags,
    generation: table.generation[number]!,
    said,
    keptAt,
    incidentAt,
    incident,
    neededAt: byWall(neededAt),
    interventionAt: byWall(interventionAt),
    alertAt: byWall(alertAt),
    silencedUntil: byWall(silencedUntil),
    history: table.history[number]!,
    failures: table.failures[number]!,
    passes: table.passes[number]!,
    told: table.told[number]!,
    reason,
  }
}

/**
 * Gives a monitor back what was kept of it, whatever its manifest said then. Since it was kept no time has passed, where the wall clock shows less than then: it was
 * set back.
 */
export function restore(number: number, stored: StoredMonitor, table: MonitorTable, clock: Clock): void {
  table.state[number] = stored.state
  // Who paused it before it was restored did so later.
  table.flags[number] = (table.flags[number]! & Flag.PAUSED) | (stored.flags & KEPT_FLAGS)
  // What has this number's results under way is of the past either way.
  table.generation[number] = Math.max(table.generation[number]!, stored.generation)
  table.history[number] = stored.history
  table.failures[number] = stored.failures
  table.passes[number] = stored.passes
  table.told[number] = stored.told
  const wallNow = Math.max(clock.wallNow(), stored.keptAt)
  const now = clock.now()
  const steady = (time: number) => (time === 0 ? NEVER : now + (time - wallNow))
  const { incidentAt, incident, reason } = stored
  Object.assign(table.remember(number), {
    incidentAt,
    incident,
    neededAt: steady(stored.neededAt),
    interventionAt: steady(stored.interventionAt),
    alertAt: steady(stored.alertAt),
    silencedUntil: steady(stored.silencedUntil),
    reason,
  })
}
