import { State } from '../lifecycle/states.ts'
import type { StoredMonitor } from '../store/pulse-store.ts'
import { Flag, KEPT_FLAGS, type MonitorTable } from './monitor-table.ts'

/** What is to outlive the process of a monitor; undefined if there is nothing but its manifest. */
export function storedOf(number: number, table: MonitorTable, said: number): StoredMonitor | undefined {
  const state = table.state[number] as State
  const flags = table.flags[number]! & KEPT_FLAGS
  const {
    incidentAt = 0,
    interventionAt = 0,
    alertAt = 0,
    silencedUntil = 0,
    reason = '',
  } = table.remembered.get(number) ?? {}
  const isPlain = state === State.UP || state === State.UNKNOWN
  if (isPlain && flags === 0 && table.told[number] === 0 && Math.max(interventionAt, alertAt, silencedUntil) === 0) {
    return undefined
  }
  return {
    name: table.nameOf(number),
    state,
    flags,
    generation: table.generation[number]!,
    said,
    incidentAt,
    interventionAt,
    alertAt,
    silencedUntil,
    history: table.history[number]!,
    failures: table.failures[number]!,
    passes: table.passes[number]!,
    told: table.told[number]!,
    reason,
  }
}

/** Gives a monitor back what was kept of it, whatever its manifest said then. */
export function restore(number: number, stored: StoredMonitor, table: MonitorTable): void {
  table.state[number] = stored.state
  // Who paused it before it was restored did so later.
  table.flags[number] = (table.flags[number]! & Flag.PAUSED) | (stored.flags & KEPT_FLAGS)
  // What has this number's results under way is of the past either way.
  table.generation[number] = Math.max(table.generation[number]!, stored.generation)
  table.history[number] = stored.history
  table.failures[number] = stored.failures
  table.passes[number] = stored.passes
  table.told[number] = stored.told
  const { incidentAt, interventionAt, alertAt, silencedUntil, reason } = stored
  Object.assign(table.remember(number), { incidentAt, interventionAt, alertAt, silencedUntil, reason })
}
