import type { MonitorView, PulseEvent, PulseMetrics, StateName } from '@millrace/pulse'

const percentiles = { count: 1000, sum: 900, p50: 0.8, p90: 1.9, p99: 2.4, max: 41 }

/** A pulse of a hundred thousand monitors, of which eleven are ill. */
export const pulseMetrics: PulseMetrics = {
  monitors: 100_000,
  byState: {
    unknown: 0,
    up: 99_987,
    degraded: 2,
    down: 3,
    needed: 1,
    pending: 1,
    held: 1,
    verifying: 3,
    disabled: 2,
    maintenance: 0,
    overdue: 0,
  },
  checks: {
    ...{ started: 5100, passed: 5000, failed: 60, warned: 2, faults: 3, fenced: 4, recovered: 1, skipped: 12 },
    ...{ underWay: 45, waiting: 6 },
  },
  latenessMs: percentiles,
  latencyMs: { count: 5000, sum: 17_500, p50: 3.1, p90: 7, p99: 12, max: 900 },
  interventionDelayMs: { count: 0, sum: 0, p50: Number.NaN, p90: Number.NaN, p99: Number.NaN, max: Number.NaN },
  interventions: { accepted: 3, refused: 1, unknown: 1, underWay: 1, waiting: 1, isStorm: false },
  alerts: { delivered: 14, retried: 5, dead: 1, suppressed: 7, waiting: 2 },
  batchSize: 100,
}

export function view(name: string, state: StateName, more: Partial<MonitorView> = {}): MonitorView {
  return {
    ...{ name, target: 'http://127.0.0.1/', type: 'http', state, reason: undefined, incidentSince: undefined },
    ...{ lastCheckAt: undefined, lastLatencyMs: undefined, nextCheckAt: undefined, silencedUntil: undefined },
    ...{ fault: undefined, undelivered: [] },
    ...{ isFlapping: false, isPaused: false, isAcknowledged: false, tags: [] },
    profile: {
      ...{ isEnabled: true, tags: [], codes: {}, maintenance: [] },
      check: {
        ...{ type: 'http', intervalMs: 1000, timeoutMs: 500, unhealthyThreshold: 1, healthyThreshold: 1, options: {} },
      },
    },
    ...more,
  }
}

export function change(monitor: string, from: StateName, to: StateName, reason = 'refuses connections'): PulseEvent {
  return { monitor, from, to, code: undefined, reason, at: 5000 }
}
