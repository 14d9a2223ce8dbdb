import type { Clock } from '@millrace/kernel/clock'
import { BUILT_IN_CHANNELS } from './alerts/built-in-channels.ts'
import type { ChannelKind } from './alerts/channel.ts'
import { builtInChecks } from './checks/built-in-checks.ts'
import type { CheckKind } from './checks/check.ts'
import { Heartbeats } from './checks/heartbeat/heartbeats.ts'
import type { NetworkOptions } from './checks/tcp/network-options.ts'
import { builtInInterventions } from './interventions/built-in-interventions.ts'
import type { InterventionKind } from './interventions/intervention.ts'

export interface KindsOptions {
  /** Beside those that come along; one of the same type takes its place. */
  readonly checks?: readonly CheckKind[]
  readonly interventions?: readonly InterventionKind[]
  readonly channels?: readonly ChannelKind[]
  /** Programs that the intervention `command` may run, by their absolute paths. @default none */
  readonly commands?: readonly string[]
  /** What `http`, `tcp` and `tls` open connections with. @default the system's name servers, and Node's authorities */
  readonly network?: NetworkOptions
  /** By which heartbeats are late: the same as the pulse's. @default the system's */
  readonly clock?: Clock
}

/** What manifests may name, by type: whoever reads a manifest and whoever does what it says have the same. */
export interface Kinds {
  readonly checks: ReadonlyMap<string, CheckKind>
  readonly interventions: ReadonlyMap<string, InterventionKind>
  readonly channels: ReadonlyMap<string, ChannelKind>
  /** When services called, for the check `heartbeat`. */
  readonly beats: Heartbeats
}

/** The kinds that come along, and one's own. */
export function createKinds(options: KindsOptions = {}): Kinds {
  const beats = new Heartbeats(options.clock)
  return {
    checks: byType(builtInChecks(beats, options.network), options.checks),
    interventions: byType(builtInInterventions({ allow: options.commands ?? [] }), options.interventions),
    channels: byType(BUILT_IN_CHANNELS, options.channels),
    beats,
  }
}

function byType<Kind extends { readonly type: string }>(
  ours: readonly Kind[],
  given: readonly Kind[] = [],
): ReadonlyMap<string, Kind> {
  return new Map([...ours, ...given].map((kind) => [kind.type, kind]))
}
