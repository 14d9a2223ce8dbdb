import type { Fields } from '../manifest/fields.ts'

/** What a check found. */
export const Verdict = {
  PASS: 0,
  FAIL: 1,
  /** It passes, and will not for long: a certificate that ends soon. */
  WARN: 2,
  /** It could not be made, by no fault of the target's: no descriptor, no port, no memory left here. It says nothing of the monitor. Without a reason, nothing is wrong: it is too early to say. */
  FAULT: 3,
} as const

export type Verdict = (typeof Verdict)[keyof typeof Verdict]

/**
 * Told once of each probe how it ended.
 * @param ticket is what the probe was begun with.
 * @param latencyMs counts from its beginning to its answer.
 * @param reason says why it did not pass, in a sentence without a name or an address.
 */
export type ProbeEnd = (ticket: number, verdict: Verdict, latencyMs: number, reason: string | undefined) => void

/** Makes the checks of one kind: many at once, each on its own. One a process; it never throws, and opens nothing before its first probe. */
export interface Prober<Options = unknown> extends AsyncDisposable {
  /**
   * Begins a check, which calls `end` exactly once: within `timeoutMs` and a tick, whatever the target does. Never before this call has returned.
   * PERF: no promise and no closure a check; bench/pulse/probes.bench.ts.
   */
  probe(ticket: number, target: string, options: Options, timeoutMs: number): void
  /**
   * The time of a check is over, and it has not ended: calls its `end` now, before this call returns, with what is known of it. Of one that has ended since it
   * does nothing. It is called at the first tick after `timeoutMs`; a check that is still under way afterwards was lost by its prober, which is our fault
   * and says nothing of the monitor.
   * @default a prober without it is not asked: its check fails, with "no answer in time". It need not keep the time, then; whatever ends later is not heard.
   */
  expire?(ticket: number): void
  /** A monitor with this target is checked from now on: it is new, or another, or back from a pause, from maintenance or from an intervention. */
  entered?(target: string): void
}

/** What a prober is made with. */
export interface ProberContext {
  readonly end: ProbeEnd
  /** Evaluates what would hold the thread up: a regular expression or a path over a large body. */
  readonly evaluate: EvaluateBody
}

/** Whether a body is as it should be, found out on another thread; undefined if it is, else the reason. Rejects if nobody can tell: our fault. */
export type EvaluateBody = (body: Uint8Array, expectation: BodyExpectation) => Promise<string | undefined>

/** What a body should be like; all that are given must hold. */
export interface BodyExpectation {
  readonly contains?: string
  /** In the syntax of RE2, whose time is linear in the body. */
  readonly regex?: string
  /** A path of RFC 9535 into a JSON body, and what should be there; without `equals`, anything. */
  readonly json?: { readonly path: string; readonly equals?: unknown }
}

/** What a kind may know of the monitor whose `config` it reads. */
export interface CheckedMonitor {
  readonly name: string
  readonly intervalMs: number
  readonly timeoutMs: number
}

/** A kind of checks: what their `config` may say, and how they are made. */
export interface CheckKind<Options = unknown> {
  /** As `pulse_check.type` says. */
  readonly type: string
  /** Most of its checks under way at once; undefined for as many as there may be of all kinds. */
  readonly maxUnderWay?: number
  /**
   * Reads a `config`. What is wrong with it is told to `fields`, which goes on with a default.
   * @param monitor is whose it is.
   * @returns The target, in which monitors differ, as text; and what they mostly share, as JSON could write it.
   */
  parse(fields: Fields, monitor: CheckedMonitor): { readonly target: string; readonly options: Options }
  /**
   * The target of a `config` that is, but for the text of one field, like one in which `parse` found no fault: what `parse` would give, with the same options.
   * Undefined where that takes `parse` to say. The text has no references in it.
   * PERF: most of a million monitors differ in their names and one text; bench/pulse/loading.bench.ts.
   * @default always undefined
   */
  targetOfField?(field: string, text: string): string | undefined
  /** The host of a target, of which only so many checks run at once; undefined if there is none. */
  hostOf(target: string, options: Options): string | undefined
  createProber(context: ProberContext): Prober<Options>
}
