import { type CheckKind, type ProbeEnd, type Prober, Verdict } from '../check.ts'
import type { Heartbeats, Rhythm } from './heartbeats.ts'

/** Silence beyond both is failure. */
export type HeartbeatOptions = Rhythm

/**
 * Whether a service has called us of late: `{ every, grace }`. It is to call each `every`, which is the check's interval unless told; silence for longer
 * than that and `grace` is failure; it is counted from when the monitor was there, or back, at the earliest, and through a restart. The target is the monitor's name, under which it calls.
 */
export function heartbeatCheck(beats: Heartbeats): CheckKind<HeartbeatOptions> {
  return {
    type: 'heartbeat',
    parse(fields, { name, intervalMs }) {
      const everyMs = fields.durationMs('every', { min: 1 }, intervalMs)
      const graceMs = fields.durationMs('grace', { min: 0 }, 0)
      fields.end()
      return { target: name, options: { everyMs, graceMs } }
    },
    hostOf: () => undefined,
    createProber: ({ end }) => new HeartbeatProber(beats, end),
  }
}

/** Looks only at what is there. PERF: a call of the host for all that are begun in a turn, and no object each but the answer kept until then. */
class HeartbeatProber implements Prober<HeartbeatOptions> {
  readonly #beats: Heartbeats
  readonly #end: ProbeEnd
  #answers: (readonly [ticket: number, verdict: Verdict, reason: string | undefined])[] = []

  constructor(beats: Heartbeats, end: ProbeEnd) {
    this.#beats = beats
    this.#end = end
  }

  probe(ticket: number, target: string, rhythm: HeartbeatOptions): void {
    if (this.#answers.length === 0) queueMicrotask(() => this.#tell())
    const { ms, hasCalled } = this.#beats.silenceOf(target, rhythm)
    const isSilent = ms > rhythm.everyMs + rhythm.graceMs
    if (isSilent) this.#answers.push([ticket, Verdict.FAIL, 'no heartbeat in time'])
    else this.#answers.push([ticket, hasCalled ? Verdict.PASS : Verdict.FAULT, undefined])
  }

  /** What was silent while it was paused, in maintenance or repaired has time to call. */
  entered(target: string): void {
    this.#beats.expect(target)
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#tell()
  }

  #tell(): void {
    const answers = this.#answers
    this.#answers = []
    for (const [ticket, verdict, reason] of answers) this.#end(ticket, verdict, 0, reason)
  }
}
