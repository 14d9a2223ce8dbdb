import type { Code } from '../lifecycle/states.ts'
import type { MonitorView } from '../pulse.ts'

/** A monitor as a client gets it. Of what a manifest says of it, nothing that may be secret: no headers, no bodies, no queries, no addresses of channels. */
export interface MonitorAnswer
  extends Pick<
    MonitorView,
    'name' | 'target' | 'type' | 'state' | 'isFlapping' | 'isPaused' | 'isAcknowledged' | 'undelivered' | 'tags'
  > {
  /** Why the last check failed. */
  readonly reason: string | null
  /** Why the last check could not be made, by a fault of ours. */
  readonly fault: string | null
  /** Times are in ms since 1970; null where there is none. */
  readonly incidentSince: number | null
  readonly lastCheckAt: number | null
  readonly lastLatencyMs: number | null
  readonly nextCheckAt: number | null
  readonly silencedUntil: number | null
  readonly intervalMs: number
  readonly timeoutMs: number
  readonly unhealthyThreshold: number
  readonly healthyThreshold: number
  /** Its type. */
  readonly intervention: string | null
  /** By colour who is told: endpoints by name, others by type. */
  readonly codes: Readonly<Partial<Record<Code, readonly string[]>>>
}

export function monitorAnswer(view: MonitorView): MonitorAnswer {
  const { name, target, type, state, reason, isFlapping, isPaused, isAcknowledged, undelivered, tags, profile } = view
  const { intervalMs, timeoutMs, unhealthyThreshold, healthyThreshold } = profile.check
  const codes = Object.entries(profile.codes).map(([code, routes]) => [
    code,
    routes.map((route) => route.endpoint ?? route.type),
  ])
  return {
    ...{ name, target: withoutQuery(target), type, state, reason: reason ?? null, fault: view.fault ?? null },
    incidentSince: view.incidentSince ?? null,
    lastCheckAt: view.lastCheckAt ?? null,
    lastLatencyMs: view.lastLatencyMs === undefined ? null : Math.round(view.lastLatencyMs * 1000) / 1000,
    nextCheckAt: view.nextCheckAt ?? null,
    silencedUntil: view.silencedUntil ?? null,
    ...{ isFlapping, isPaused, isAcknowledged, undelivered, tags },
    ...{ intervalMs, timeoutMs, unhealthyThreshold, healthyThreshold },
    intervention: profile.intervention?.type ?? null,
    codes: Object.fromEntries(codes),
  }
}

/** What is in the query of an address may be a secret. */
function withoutQuery(target: string): string {
  return target.replace(/^([a-z][a-z\d+.-]*:\/\/[^?]*\?).*$/is, '$1…')
}
