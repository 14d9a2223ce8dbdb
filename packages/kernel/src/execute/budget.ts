import type { Clock } from '../clock.ts'
import { measureTick } from '../clock-tick.ts'
import { checkNumber } from '../options.ts'

/** How a {@link Budget} measures. */
export interface BudgetOptions {
  readonly clock: Clock
  /** How coarse the clock is, in ms, at least 0. @default measured now, which takes four ticks */
  readonly tickMs?: number
  /** Most that is carried as a debt, as a multiple of the round's limit, at least 0. @default 8 */
  readonly maxDebt?: number
}

/** The share of rounds that are to keep to their limit, … */
const GUARDED = 0.99
/** … by what is kept back: so much is learned from one round, and at most so much is kept, as shares of the limit. */
const GUARD_STEP = 0.02
const MOST_GUARD = 0.08
/** Of half a tick no more than this share of the limit is kept back. */
const MOST_UNSEEN = 0.02
/** A round that used less of what it was allowed had nothing more to do. */
const SATURATED = 0.8

/**
 * A budget of time that is given anew every round, spent by plan, and settled by a clock that is read rarely.
 *
 * Between two reads time goes on by what was planned; a read puts that right, as far as the clock can tell: one that ticks
 * only every millisecond bounds the plan from both sides and leaves it alone between. What a round used above its limit is a debt
 * that the next ones pay back. Where the clock goes backwards, the plan is believed.
 *
 * All is O(1) and allocates nothing.
 */
export class Budget {
  /** How coarse the clock is, in ms. */
  readonly tickMs: number
  readonly #clock: Clock
  readonly #maxDebt: number
  #limitMs = 0
  #allowedMs = 0
  #debtMs = 0
  #mostDebtMs = 0
  /** When the round began, by the clock. */
  #startedAt: number
  /** What the clock showed last. */
  #readAt: number
  #lapBeganAt = 0
  #usedMs = 0
  /** What of that is spent after the round. */
  #reservedMs = 0
  #guardMs = 0
  #keptMs = 0
  #reads = 0
  #regressions = 0

  constructor(options: BudgetOptions) {
    this.#clock = options.clock
    this.tickMs = checkNumber('Budget', 'tickMs', options.tickMs ?? measureTick(options.clock), { min: 0 })
    this.#maxDebt = checkNumber('Budget', 'maxDebt', options.maxDebt ?? 8, { min: 0 })
    this.#readAt = options.clock.now()
    this.#startedAt = this.#readAt
  }

  /** What this round may use: the limit, less the debt of those before. Below 0 when that is more. */
  get allowedMs(): number {
    return this.#allowedMs
  }

  /** What the round has used by now, as far as is known without reading the clock. */
  get usedMs(): number {
    return this.#usedMs
  }

  /**
   * What is left for this round by the plan, without reading the clock; below 0 when more was used. A little is kept back: what
   * 99 of 100 rounds that use up their limit are found to need, and half a tick, by which a plan may be off unseen.
   */
  get leftMs(): number {
    return this.#allowedMs - this.#usedMs - this.#keptMs
  }

  /** What later rounds are to pay back. */
  get debtMs(): number {
    return this.#debtMs
  }

  /** What the clock showed when it was last read. */
  get readAt(): number {
    return this.#readAt
  }

  /** What it had shown when it was read before that: where the last lap began. */
  get lapBeganAt(): number {
    return this.#lapBeganAt
  }

  /** How often the clock was read, and how often it had gone backwards. */
  get reads(): number {
    return this.#reads
  }

  get regressions(): number {
    return this.#regressions
  }

  /** Begins a round of `limitMs`. Reads the clock. */
  begin(limitMs: number): void {
    this.#limitMs = limitMs
    // A round of nothing forgives nothing.
    if (limitMs > 0) this.#mostDebtMs = this.#maxDebt * limitMs
    this.#allowedMs = limitMs - this.#debtMs
    this.#usedMs = 0
    this.#reservedMs = 0
    this.#keptMs = this.#guardMs + Math.min(this.tickMs / 2, MOST_UNSEEN * limitMs)
    this.#read()
    this.#startedAt = this.#readAt
  }

  /** Counts `ms` of work as used, which the next read is to confirm. */
  plan(ms: number): void {
    this.#usedMs += ms
  }

  /** Counts `ms` of work as used that is done only after the round, where no read sees it. */
  reserve(ms: number): void {
    this.#usedMs += ms
    this.#reservedMs += ms
  }

  /**
   * Reads the clock, puts right what was used, and returns the time since the read before, in ms; NaN when the clock has
   * gone backwards.
   */
  lap(): number {
    this.#lapBeganAt = this.#readAt
    if (!this.#read()) {
      this.#startedAt = this.#readAt - (this.#usedMs - this.#reservedMs)
      return Number.NaN
    }
    const shown = this.#readAt - this.#startedAt + this.#reservedMs
    // What the clock shows is off by less than a tick, either way.
    if (this.#usedMs < shown - this.tickMs) this.#usedMs = shown - this.tickMs
    else if (this.#usedMs > shown + this.tickMs) this.#usedMs = shown + this.tickMs
    return this.#readAt - this.#lapBeganAt
  }

  /** Reads the clock, and returns what is left by it, in ms, at least 0. Changes nothing. */
  look(): number {
    return Math.max(0, this.#allowedMs - this.#reservedMs - this.sinceBegin())
  }

  /** Reads the clock, and returns the time since the round began, in ms, at least 0. Changes nothing. */
  sinceBegin(): number {
    this.#reads++
    return Math.max(0, this.#clock.now() - this.#startedAt)
  }

  /** Ends the round, and carries over what it used above its limit. Reads the clock; returns what was used, in ms. */
  end(): number {
    this.lap()
    this.charge(this.#usedMs - this.#limitMs)
    this.#learnGuard()
    return this.#usedMs
  }

  /** A quantile by stochastic approximation (Robbins and Monro, 1951). Rounds that had little to do say nothing of it. */
  #learnGuard(): void {
    const limitMs = this.#limitMs
    if (this.#usedMs < SATURATED * this.#allowedMs) return
    const off = this.#usedMs > limitMs ? GUARDED : GUARDED - 1
    this.#guardMs = Math.max(0, Math.min(this.#guardMs + GUARD_STEP * limitMs * off, MOST_GUARD * limitMs))
  }

  /** Adds to the debt what was used outside any round, or, below 0, pays some back. */
  charge(ms: number): void {
    const most = Math.max(this.#debtMs, this.#mostDebtMs)
    this.#debtMs = Math.max(0, Math.min(this.#debtMs + ms, most))
  }

  /** Returns false when the clock has gone backwards. */
  #read(): boolean {
    const before = this.#readAt
    this.#readAt = this.#clock.now()
    this.#reads++
    if (this.#readAt >= before) return true
    this.#regressions++
    return false
  }
}
