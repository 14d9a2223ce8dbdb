import { checkNumber } from '@millrace/kernel/options'

/** What goes wrong in a simulation: shares from 0 to 1, and counts of each million checks. */
export interface SimulatedFaults {
  /** Of the checks of a target that is well, those from which on it is ill. */
  readonly falls: number
  /** Of the checks of a target that is ill, those from which on it is well. */
  readonly heals: number
  /** Of the checks of a target that is ill, those that say nothing before the timeout. */
  readonly hangs: number
  /** Probes that never end. */
  readonly drops: number
  /** Probes that end later than they may. */
  readonly delays: number
  /** Probes that end twice. */
  readonly duplicates: number
  /** Probes that fail by our own fault. */
  readonly ownFaults: number
  /** Good checks that warn. */
  readonly warnings: number
  /** Interventions that are refused; that nobody knows anything of; and that say nothing. The others are accepted, and most help. */
  readonly refusals: number
  readonly unknowns: number
  readonly silences: number
  /** Deliveries of alerts that fail. */
  readonly deliveries: number
  /** Commits that fail. */
  readonly commits: number
  /** Of each million checks: outages of the store, of up to half a minute. */
  readonly storeOutages: number
  /** Of each million checks: moments from which on no probe ends, for up to a few timeouts, so that the lane runs full. */
  readonly stalls: number
  /** Of each million checks: jumps of the wall clock, from 100 ms to a few hours, both ways. */
  readonly clockJumps: number
  /** Of each million checks: ends of the process in the midst of what it does, each followed by a start. */
  readonly crashes: number
  /** Of each million checks: ends as they should be. */
  readonly restarts: number
  /** Of each million checks: manifests in which some monitors are others, are no more, or are there again. */
  readonly reloads: number
  /** Of each million checks: what people do: pause, resume, acknowledge, silence, check now. */
  readonly actions: number
}

/** Enough of everything for every state and every way between two to be met often. */
export const FAULTS: SimulatedFaults = {
  falls: 0.15,
  heals: 0.3,
  hangs: 0.2,
  drops: 0.01,
  delays: 0.01,
  duplicates: 0.02,
  ownFaults: 0.01,
  warnings: 0.01,
  refusals: 0.15,
  unknowns: 0.1,
  silences: 0.1,
  deliveries: 0.05,
  commits: 0.02,
  storeOutages: 40,
  stalls: 40,
  clockJumps: 100,
  crashes: 50,
  restarts: 20,
  reloads: 30,
  actions: 20_000,
}

export const NO_FAULTS: SimulatedFaults = Object.fromEntries(
  Object.keys(FAULTS).map((name) => [name, 0]),
) as unknown as SimulatedFaults

const COUNTED = new Set(['storeOutages', 'stalls', 'clockJumps', 'crashes', 'restarts', 'reloads', 'actions'])

/** @throws {MillraceError} `OPTION_INVALID`. */
export function checkFaults(faults: Partial<SimulatedFaults>): SimulatedFaults {
  for (const [name, value] of Object.entries(faults)) {
    checkNumber('simulate', `faults.${name}`, value, { min: 0, max: COUNTED.has(name) ? 1e6 : 1 })
  }
  return { ...FAULTS, ...faults }
}
