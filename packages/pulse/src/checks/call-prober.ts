import { type Clock, systemClock, type Timer } from '@millrace/kernel/clock'
import { type ProbeEnd, type Prober, Verdict } from './check.ts'
import { ownFault } from './own-fault.ts'
import { reasonOf, reasonOfError } from './reason.ts'

/** What a check found. */
export interface Finding {
  readonly verdict: Verdict
  /** Why it did not pass. */
  readonly reason?: string | undefined
  /** Where the check itself knows better than a clock around it. */
  readonly latencyMs?: number | undefined
}

/** What a check may know of its own time. */
export interface CallContext {
  /** Aborts when its time is over, or its prober is closed. */
  readonly signal: AbortSignal
  readonly timeoutMs: number
}

/** Makes one check. What it throws is a failure, with its message as the reason. */
export type CheckCall<Options> = (target: string, options: Options, context: CallContext) => Finding | Promise<Finding>

export interface CallProberOptions<Options> {
  readonly check: CheckCall<Options>
  readonly end: ProbeEnd
  /** @default systemClock */
  readonly clock?: Clock | undefined
  /** Closes what the checks had opened. */
  readonly close?: () => void | Promise<void>
}

/** A timer this late, in ms, was not late by itself: the thread stood still, and an answer may wait unread. */
const STOOD_STILL_MS = 100

/**
 * Makes checks by calling a function for each, with a deadline of their own: what does not end is left behind, and what it says later is not heard.
 *
 * For kinds of which few are made: a promise, a timer and an `AbortController` a check.
 */
export class CallProber<Options> implements Prober<Options> {
  readonly #options: CallProberOptions<Options>
  readonly #clock: Clock
  /** By ticket. */
  readonly #open = new Map<number, Call>()
  #isClosed = false

  constructor(options: CallProberOptions<Options>) {
    this.#options = options
    this.#clock = options.clock ?? systemClock
  }

  probe(ticket: number, target: string, options: Options, timeoutMs: number): void {
    const call = new Call(ticket, this.#clock.now(), timeoutMs)
    this.#open.set(ticket, call)
    queueMicrotask(() => this.#begin(call, target, options))
  }

  expire(ticket: number): void {
    const call = this.#open.get(ticket)
    if (call !== undefined) this.#expire(call)
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#isClosed = true
    for (const call of [...this.#open.values()]) this.#end(call, Verdict.FAULT, 'the checks were stopped')
    await this.#options.close?.()
  }

  #begin(call: Call, target: string, options: Options): void {
    if (this.#isClosed) this.#end(call, Verdict.FAULT, 'the checks were stopped')
    if (!this.#isOpen(call)) return
    const { timeoutMs } = call
    const spentMs = this.#clock.now() - call.begunAt
    call.timer = this.#clock.after(timeoutMs - spentMs, () => this.#expire(call))
    const { signal } = call.abort
    void this.#run(call, target, options, { signal, timeoutMs })
  }

  async #run(call: Call, target: string, options: Options, context: CallContext): Promise<void> {
    try {
      const { verdict, reason, latencyMs } = await this.#options.check(target, options, context)
      this.#end(call, verdict, reason, latencyMs)
    } catch (error) {
      const fault = ownFault(error)
      if (fault === undefined) this.#end(call, Verdict.FAIL, reasonOfError(error))
      else this.#end(call, Verdict.FAULT, fault)
    }
  }

  #expire(call: Call): void {
    const lateMs = this.#clock.now() - call.begunAt - call.timeoutMs
    if (lateMs > STOOD_STILL_MS) this.#end(call, Verdict.FAULT, 'this process stood still')
    else this.#end(call, Verdict.FAIL, 'no answer in time')
  }

  #end(call: Call, verdict: Verdict, reason: string | undefined, latencyMs?: number): void {
    if (!this.#isOpen(call)) return
    this.#open.delete(call.ticket)
    call.timer?.cancel()
    const tookMs = latencyMs ?? this.#clock.now() - call.begunAt
    this.#options.end(call.ticket, verdict, tookMs, reason === undefined ? undefined : reasonOf(reason))
    // After the end, so that whoever is told of it cannot still tell us something.
    call.abort.abort()
  }

  #isOpen(call: Call): boolean {
    return this.#open.get(call.ticket) === call
  }
}

class Call {
  readonly abort = new AbortController()
  readonly ticket: number
  readonly begunAt: number
  readonly timeoutMs: number
  timer: Timer | undefined

  constructor(ticket: number, begunAt: number, timeoutMs: number) {
    this.ticket = ticket
    this.begunAt = begunAt
    this.timeoutMs = timeoutMs
  }
}
