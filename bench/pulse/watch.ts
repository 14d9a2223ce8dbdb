import { Histogram } from '@millrace/kernel'
import { type CheckKind, type Prober, type ProberContext, Verdict } from '../../packages/pulse/src/index.ts'
import { numberOf, phasesOf } from './monitors.ts'

/** Of one in so many monitors every other verdict is turned round, so that each of their results is heard of as a change. */
const HEARD = 100
/** The engine follows the wall clock as that is slewed, and this one does not: by so much at most they differ in a run. A check that seems so much too early is one of that slot. */
const SLEWED_MS = 20

export interface WatchPlan {
  readonly monitors: number
  readonly intervalMs: number
  /** Of these nothing is noted but that they began. */
  readonly isAside?: (monitor: number) => boolean
}

/** What was seen of the slots of a while. */
export interface Window {
  /** Times of slots, by the wall clock: after the one, up to the other. */
  readonly from: number
  readonly to: number
  readonly slots: number
  begun: number
  /** Of checks that ended meanwhile. */
  faults: number
  failed: number
  /** From the slot to the probe, where it is not aside. */
  readonly latenessMs: Histogram
  /** From the end of a probe until its monitor has the result. */
  readonly resultMs: Histogram
}

export function isHeard(monitor: number): boolean {
  return monitor % HEARD === 0
}

/**
 * Watches an engine from outside: a kind of checks around another, which knows the slots of each monitor by itself and reads the clock by itself.
 *
 * It costs the engine under watch about a µs a check. A check that is later than its interval counts as one of the next slot.
 */
export class Watch {
  readonly kind: CheckKind
  readonly #plan: WatchPlan
  readonly #phases: Uint32Array
  /** From `performance.now()` to the wall clock, finer than the latter tells. */
  readonly #wallOffset = wallOffset()
  readonly #windows: Window[] = []
  /** Of monitors that are heard: by ticket, and when their probe ended. */
  readonly #heard = new Map<number, number>()
  /** Those whose last verdict was turned round. */
  readonly #isTurned = new Set<number>()
  readonly #endedAt = new Map<number, number>()
  onFailure: ((monitor: number) => void) | undefined

  constructor(inner: CheckKind, plan: WatchPlan) {
    this.#plan = plan
    this.#phases = phasesOf(plan.monitors, plan.intervalMs)
    this.kind = { ...inner, createProber: (context) => this.#proberAround(inner, context) }
  }

  /** Watches the slots of the next `ms`, however late they begin. */
  open(ms: number): Window {
    const from = this.#now()
    const window: Window = {
      from,
      to: from + ms,
      slots: this.#slotsWithin(from, from + ms),
      begun: 0,
      faults: 0,
      failed: 0,
      latenessMs: new Histogram(),
      resultMs: new Histogram(),
    }
    this.#windows.push(window)
    return window
  }

  /** Whether all slots of all windows so far have begun. */
  get isDone(): boolean {
    return this.#windows.every(({ slots, begun }) => begun >= slots)
  }

  /** To be told of each change. */
  readonly changed = ({ monitor }: { readonly monitor: string }): void => {
    const number = numberOf(monitor)
    const endedAt = this.#endedAt.get(number)
    if (endedAt === undefined) return
    this.#endedAt.delete(number)
    this.#windows.at(-1)?.resultMs.record(performance.now() - endedAt)
  }

  #proberAround(inner: CheckKind, context: ProberContext): Prober {
    const prober = inner.createProber({
      ...context,
      end: (ticket, verdict, latencyMs, reason) => context.end(ticket, this.#ended(ticket, verdict), latencyMs, reason),
    })
    return {
      probe: (ticket, target, options, timeoutMs) => {
        this.#begun(ticket, numberOf(target))
        prober.probe(ticket, target, options, timeoutMs)
      },
      expire: (ticket) => prober.expire?.(ticket),
      [Symbol.asyncDispose]: () => prober[Symbol.asyncDispose](),
    }
  }

  #begun(ticket: number, monitor: number): void {
    if (isHeard(monitor)) this.#heard.set(ticket, monitor)
    if (this.#windows.length === 0) return
    const { intervalMs, isAside } = this.#plan
    const now = this.#now()
    const lateMs = ((now + SLEWED_MS - this.#phases[monitor]!) % intervalMs) - SLEWED_MS
    const due = now - lateMs
    const window = this.#windows.findLast(({ from, to }) => due > from && due <= to)
    if (window === undefined) return
    window.begun++
    if (isAside?.(monitor) !== true) window.latenessMs.record(Math.max(0, lateMs))
  }

  #ended(ticket: number, verdict: Verdict): Verdict {
    const window = this.#windows.at(-1)
    if (window !== undefined && verdict !== Verdict.PASS) {
      if (verdict === Verdict.FAULT) window.faults++
      else window.failed++
    }
    const monitor = this.#heard.get(ticket)
    if (monitor === undefined) return verdict
    this.#heard.delete(ticket)
    this.#endedAt.set(monitor, performance.now())
    if (verdict !== Verdict.PASS || this.#isTurned.delete(monitor)) return verdict
    this.#isTurned.add(monitor)
    this.onFailure?.(monitor)
    return Verdict.FAIL
  }

  #slotsWithin(from: number, to: number): number {
    const { intervalMs } = this.#plan
    let slots = 0
    for (const phase of this.#phases) {
      slots += Math.floor((to - phase) / intervalMs) - Math.floor((from - phase) / intervalMs)
    }
    return slots
  }

  #now(): number {
    return performance.now() + this.#wallOffset
  }
}

/** The wall clock shows whole ms: what it is ahead by most is when it has just moved on. */
function wallOffset(): number {
  let offset = Number.NEGATIVE_INFINITY
  for (const end = performance.now() + 5; performance.now() < end; ) {
    offset = Math.max(offset, Date.now() - performance.now())
  }
  return offset
}
