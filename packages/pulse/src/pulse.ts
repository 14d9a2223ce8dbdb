import type { Clock } from '@millrace/kernel/clock'
import type { RedriveQuery, RedriveReport } from './alerts/redriver.ts'
import type { Kinds } from './kinds.ts'
import type { Code, StateName } from './lifecycle/states.ts'
import type { MonitorBatch, Profile } from './monitors/monitor.ts'
import type { PulseStore } from './store/pulse-store.ts'

export interface PulseOptions {
  /** Where state outlives the process. @default none: a restart knows nothing */
  readonly store?: PulseStore
  /** What the manifest was read with. @default those that come along */
  readonly kinds?: Kinds
  /** Most checks under way at once, at least 1. @default 8192 */
  readonly maxChecks?: number
  /** Most checks under way at once against one host, at least 1. @default 50 */
  readonly maxChecksPerHost?: number
  /** Most interventions under way at once, at least 1. @default 5 */
  readonly maxInterventions?: number
  /** Most interventions begun in a minute, at least 1: the storm breaker. @default 20 */
  readonly maxInterventionsPerMinute?: number
  /** What has waited so long for its turn to be repaired is told of in red, in ms, up to a day; it is repaired all the same. @default 60000 */
  readonly overdueAfterMs?: number
  /**
   * Most jobs that wait in the lanes of checks and of interventions, at least 100 and 1. Alerts need no such bound: of a monitor and a place there are
   * a hundred that wait. @default 10000 checks, 1000 interventions
   */
  readonly laneSizes?: { readonly pulse?: number; readonly intervention?: number }
  /** Between two alerts of a monitor, in ms; green may pass. 0 for none. @default 0 */
  readonly alertCoolDownMs?: number
  /** Change of the last 21 results in percent from which a monitor counts as flapping, and below which it no longer does. @default 50 and 25 */
  readonly flapThresholds?: { readonly high: number; readonly low: number }
  /** Pinged every so often, so that somebody notices when this process stops. @default none */
  readonly deadMan?: { readonly url: string; readonly everyMs: number }
  readonly clock?: Clock
  /** Gives a number in [0, 1), for the waits between attempts. @default Math.random */
  readonly random?: () => number
  readonly logger?: Logger
}

/** What a logger of pino's shape has. */
export interface Logger {
  debug(fields: object, message: string): void
  info(fields: object, message: string): void
  warn(fields: object, message: string): void
  error(fields: object, message: string): void
}

/** A monitor as it is now. */
export interface MonitorView {
  readonly name: string
  readonly target: string
  readonly type: string
  readonly state: StateName
  /** Why the last check failed; undefined when it passed. */
  readonly reason: string | undefined
  /** Why the last check could not be made, by a fault of ours, which says nothing of the monitor; undefined when it could. */
  readonly fault: string | undefined
  /** In ms since 1970; undefined where there is none. */
  readonly incidentSince: number | undefined
  readonly lastCheckAt: number | undefined
  readonly lastLatencyMs: number | undefined
  readonly nextCheckAt: number | undefined
  readonly isFlapping: boolean
  readonly isPaused: boolean
  readonly isAcknowledged: boolean
  readonly silencedUntil: number | undefined
  /** Colours of alerts that have not been delivered. */
  readonly undelivered: readonly Code[]
  readonly tags: readonly string[]
  readonly profile: Profile
}

export interface MonitorQuery {
  /** Of the state. */
  readonly states?: readonly StateName[]
  /** Has all of these. */
  readonly tags?: readonly string[]
  /** Contains this, whatever the case. */
  readonly name?: string
  /** Those after this name, in the order of the manifest; for the next page. */
  readonly after?: string
  /** At most so many. @default 100 */
  readonly limit?: number
}

export interface LoadReport {
  readonly added: number
  readonly changed: number
  readonly removed: number
  readonly unchanged: number
}

/** What a pulse did since it was started, and how it is. Counts, and milliseconds; these of late. */
export interface PulseMetrics {
  readonly monitors: number
  readonly byState: Readonly<Record<StateName, number>>
  readonly checks: {
    readonly started: number
    readonly passed: number
    readonly failed: number
    readonly warned: number
    /** Not made by our own fault. */
    readonly faults: number
    /** Their time was over, and something else had happened meanwhile. */
    readonly fenced: number
    /** Found by the timeout recovery: begun, and never ended. */
    readonly recovered: number
    /** Slots in which no check began, for the one before was under way or the lane was full. */
    readonly skipped: number
    readonly underWay: number
    readonly waiting: number
  }
  /** From the time a check was due to its beginning. */
  readonly latenessMs: Percentiles
  /** Of checks that passed. */
  readonly latencyMs: Percentiles
  /** From a result to the beginning of the intervention it asks for. */
  readonly interventionDelayMs: Percentiles
  readonly interventions: {
    readonly accepted: number
    readonly refused: number
    readonly unknown: number
    readonly underWay: number
    readonly waiting: number
    /** Held back by the storm breaker at this moment. */
    readonly isStorm: boolean
  }
  readonly alerts: {
    readonly delivered: number
    readonly retried: number
    readonly dead: number
    readonly suppressed: number
    readonly waiting: number
  }
  /** Checks a batch of the dispatcher has now: 50 to 100. */
  readonly batchSize: number
}

/** Of the last one to two minutes; what begins anew tells of all of its first two. NaN where there was nothing. */
export interface Percentiles {
  /** Since the start, as `sum`. */
  readonly count: number
  readonly sum: number
  readonly p50: number
  readonly p90: number
  readonly p99: number
  readonly max: number
}

/** What is told as it happens. */
export interface PulseEvent {
  readonly monitor: string
  readonly from: StateName
  readonly to: StateName
  readonly code: Code | undefined
  readonly reason: string
  /** In ms since 1970. */
  readonly at: number
}

/** Checks monitors on time, repairs what breaks, once, verifies the repair, and tells people. */
export interface Pulse extends AsyncDisposable {
  /**
   * Makes monitors be those of `batches`: new ones are added, those that changed begin anew, the unchanged keep their state, and those that are not
   * there any more are gone. Before `start` or while it runs. O(monitors), in slices between which checks go on.
   * @throws {MillraceError} `MONITOR_DUPLICATE`; then nothing has changed.
   */
  load(batches: AsyncIterable<MonitorBatch> | Iterable<MonitorBatch>): Promise<LoadReport>
  /** Begins to check. @throws {MillraceError} as the store does. */
  start(): Promise<void>
  /** Ends what is under way within `withinMs`, and keeps the state. @default 10000 */
  stop(options?: { readonly withinMs?: number }): Promise<void>
  find(name: string): MonitorView | undefined
  list(query?: MonitorQuery): readonly MonitorView[]
  /** Checks them no more, until `resume`. Outlives a restart. @throws {MillraceError} `MONITOR_UNKNOWN`, as the following. */
  pause(name: string): void
  resume(name: string): void
  /** Tells nothing more of the incident there is but its end. */
  acknowledge(name: string): void
  /** Tells nothing of it for so long; then, what there is to tell. */
  silence(name: string, ms: number): void
  /** Checks it now, beside its schedule; false if a check is under way or waits, or it is not checked as it is now. */
  runNow(name: string): boolean
  /** A service called, which `heartbeat` waits for. */
  beat(name: string): void
  /**
   * Delivers dead letters after all, at least once as any alert. Resolves once it is kept that it does.
   * @default all
   * @throws {MillraceError} as the store does.
   */
  redrive(query?: RedriveQuery): Promise<RedriveReport>
  readonly metrics: PulseMetrics
  readonly health: { readonly isHealthy: boolean; readonly reasons: readonly string[] }
  /** Calls back on each change of a state, within the turn in which it happens; it must not throw. @returns what ends that. */
  onChange(listener: (event: PulseEvent) => void): () => void
}
