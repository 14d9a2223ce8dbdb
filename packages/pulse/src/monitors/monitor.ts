import type { Code } from '../lifecycle/states.ts'

/**
 * What a monitor has in common with others: all but its name and its target. Monitors whose profiles say the same share one, so that a million of them
 * are a million names, targets and states. Plain data, as JSON writes it.
 */
export interface Profile {
  readonly isEnabled: boolean
  readonly tags: readonly string[]
  readonly check: CheckProfile
  readonly intervention?: InterventionProfile
  /** What is told on which colour; of others nobody hears. */
  readonly codes: Readonly<Partial<Record<Code, readonly Route[]>>>
  readonly maintenance: readonly MaintenanceWindow[]
}

export interface CheckProfile {
  /** A kind of checks, by name. */
  readonly type: string
  readonly intervalMs: number
  /** At most the interval. */
  readonly timeoutMs: number
  /** So many bad checks in a row make it ill. */
  readonly unhealthyThreshold: number
  /** So many good ones in a row make it well. */
  readonly healthyThreshold: number
  /** As the kind's `parse` gave them. */
  readonly options: unknown
}

export interface InterventionProfile {
  /** A kind of interventions, by name. */
  readonly type: string
  readonly timeoutMs: number
  /** After one, none for so long, in ms. */
  readonly coolDownMs: number
  /** As the kind's `parse` gave it. */
  readonly target: unknown
}

/** Where an alert goes. */
export interface Route {
  /** A kind of channels, by name. */
  readonly type: string
  /** The endpoint's name in the manifest; undefined where a code has its own `config`. */
  readonly endpoint?: string
  /** As the kind's `parse` gave it. */
  readonly config: unknown
}

export interface MaintenanceWindow {
  /** Five or six fields. */
  readonly cron: string
  readonly durationMs: number
  /** An IANA name. */
  readonly timezone: string
}

/** A monitor as a manifest says it. */
export interface MonitorSpec {
  /** Of its own among all. */
  readonly name: string
  /** What is checked, as text: a URL, a host and a port. */
  readonly target: string
  readonly profile: Profile
}

/** Many monitors at once, in a form that passes between threads; of each the profile by its number. */
export interface MonitorBatch {
  /** Profiles that were not in a batch before, in the order of their numbers: the first has the number of all that came before. */
  readonly profiles: readonly Profile[]
  /** UTF-8: of each monitor its name, then its target. */
  readonly text: Uint8Array
  /** Of each monitor the bytes of its name, and of its target. */
  readonly lengths: Uint32Array
  /** Of each monitor the number of its profile. */
  readonly profileNumbers: Uint32Array
  /** Of each monitor the line it begins on, from 1; 0 if it has none. */
  readonly lines: Uint32Array
}
