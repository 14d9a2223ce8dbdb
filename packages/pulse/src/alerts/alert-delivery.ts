import { type Clock, systemClock, type Timer } from '@millrace/kernel/clock'
import { checkInteger, checkNumber } from '@millrace/kernel/options'
import type { StoredAlert } from '../store/pulse-store.ts'
import { type Alert, type Channel, ChannelError } from './channel.ts'
import { DeliveryLane, type Line } from './delivery-lane.ts'
import { Naps } from './naps.ts'
import { afterFailure, RETRY_POLICY, type RetryPolicy } from './retry-policy.ts'

export interface AlertDeliveryOptions {
  /** The place an alert goes to; undefined if its route is there no more. Alerts of one channel wait for one another, and for nothing else. */
  readonly channelOf: (alert: StoredAlert) => Channel | undefined
  /** The alert as it is told. */
  readonly toldOf: (alert: StoredAlert) => Alert
  /** The other side has it. As the following it comes in a turn of its own, and must not throw. */
  readonly onDelivered: (alert: StoredAlert) => void
  /** It was not delivered, and will be tried again: `alert.attempts` says how often it was. */
  readonly onRetry: (alert: StoredAlert, error: string) => void
  /** It will not be tried again. */
  readonly onDead: (alert: StoredAlert, error: string) => void
  /** Most deliveries under way at once to a channel that does not say so itself, at least 1. @default 4 */
  readonly maxUnderWay?: number
  /** An attempt that takes longer has failed, in ms, above 0. @default 30000 */
  readonly timeoutMs?: number
  /** @default 1 s doubling up to 5 min, for 24 h */
  readonly retry?: Partial<RetryPolicy>
  readonly clock?: Clock
  /** Gives a number in [0, 1). @default Math.random */
  readonly random?: () => number
}

/** A channel, and what waits for it. */
interface Outlet {
  readonly channel: Channel
  readonly lane: DeliveryLane
  /** It is told nothing until this. */
  pause: Timer | undefined
  /** How often in a row it asked to wait. */
  pauses: number
}

interface Attempt {
  readonly outlet: Outlet
  readonly line: Line
  readonly alert: StoredAlert
  readonly abort: AbortController
  readonly deadline: Timer
}

const MAX_ERROR_CHARS = 500

/**
 * Delivers alerts that are durable: each is told to be delivered or dead, once, or it was replaced by a newer one of its key that came while it waited.
 *
 * At least once: what a process had under way when it ended is delivered again by the next. Within a process nothing is delivered again that was delivered.
 * A channel that hangs holds up nobody but those who wait for it; of a monitor, alerts to a place keep their order. An attempt that has not ended at its
 * deadline is aborted and counts as failed; what a channel does not end then is left behind, unheard.
 */
export class AlertDelivery {
  readonly #options: AlertDeliveryOptions
  readonly #clock: Clock
  readonly #random: () => number
  readonly #policy: RetryPolicy
  readonly #maxUnderWay: number
  readonly #timeoutMs: number
  readonly #outlets = new Map<Channel, Outlet>()
  readonly #attempts = new Set<Attempt>()
  readonly #naps: Naps<readonly [Outlet, Line]>
  /** By the clock for durations, when each was to be delivered first. */
  readonly #bornAt = new WeakMap<StoredAlert, number>()
  #drained: (() => void) | undefined
  #isDraining = false

  /** @throws {MillraceError} `OPTION_INVALID`. */
  constructor(options: AlertDeliveryOptions) {
    const owner = 'AlertDelivery'
    const { maxUnderWay = 4, timeoutMs = 30_000, clock = systemClock, random = Math.random } = options
    this.#options = options
    this.#clock = clock
    this.#random = random
    this.#naps = new Naps(clock, ([outlet, line]) => {
      outlet.lane.wake(line)
      this.#goOn(outlet)
    })
    this.#maxUnderWay = checkInteger(owner, 'maxUnderWay', maxUnderWay, { min: 1 })
    this.#timeoutMs = checkNumber(owner, 'timeoutMs', timeoutMs, { above: 0 })
    const policy = { ...RETRY_POLICY, ...options.retry }
    this.#policy = policy
    checkNumber(owner, 'retry.baseMs', policy.baseMs, { above: 0 })
    checkNumber(owner, 'retry.capMs', policy.capMs, { min: policy.baseMs })
    checkInteger(owner, 'retry.maxAttempts', policy.maxAttempts, { min: 1 })
    checkNumber(owner, 'retry.maxAgeMs', policy.maxAgeMs, { above: 0, max: Number.POSITIVE_INFINITY })
  }

  /** Deliveries under way. */
  get underWay(): number {
    return this.#attempts.size
  }

  /** Alerts that wait: for room, for those before them, or for another attempt. */
  get waiting(): number {
    let waiting = 0
    for (const { lane } of this.#outlets.values()) waiting += lane.waiting
    return waiting
  }

  /** Takes in an alert that is durable. One that it has already changes nothing; while it drains, it takes none. */
  add(alert: StoredAlert): void {
    if (this.#isDraining) return
    this.#age(alert)
    const channel = this.#channelOf(alert)
    if (typeof channel === 'string') {
      queueMicrotask(() => this.#options.onDead(alert, channel))
      return
    }
    const outlet = this.#outletOf(channel)
    for (const leftOut of outlet.lane.add(alert)) {
      queueMicrotask(() => this.#options.onDead(leftOut, 'too many of its monitor waited for its place'))
    }
    this.#pump(outlet)
  }

  /** Asks anew where each alert is to go: the manifest has changed. What is under way to another place is aborted, and goes before the others. */
  reroute(): void {
    if (this.#isDraining) return
    const alerts: StoredAlert[] = []
    for (const attempt of this.#attempts) {
      const { outlet, line, alert, abort } = attempt
      if (this.#channelOf(alert) === outlet.channel) continue
      this.#end(attempt)
      abort.abort()
      outlet.lane.settle(line)
      alerts.push(alert)
    }
    for (const { lane } of this.#outlets.values()) alerts.push(...lane.takeOut())
    for (const outlet of this.#outlets.values()) this.#forgetIfEmpty(outlet)
    for (const alert of alerts) this.add(alert)
  }

  /**
   * Delivers what could be delivered now, and tries nothing again; resolves when that is done, or, after `withinMs`, when the rest is aborted. What is left
   * is told to nobody: it is for the next process.
   * @returns whether nothing is left.
   */
  async drain(withinMs: number): Promise<boolean> {
    this.#isDraining = true
    this.#naps.clear()
    if (this.#isBusy()) {
      await new Promise<void>((resolve) => {
        const deadline = this.#clock.after(withinMs, resolve)
        this.#drained = () => {
          deadline.cancel()
          resolve()
        }
      })
    }
    const isAllDone = this.#attempts.size === 0 && this.waiting === 0
    for (const attempt of this.#attempts) {
      attempt.deadline.cancel()
      attempt.abort.abort()
    }
    this.#attempts.clear()
    for (const { pause } of this.#outlets.values()) pause?.cancel()
    this.#outlets.clear()
    return isAllDone
  }

  /** How old it was when it came, if the wall clock is right; from then on, a wall clock that is set makes it no older. */
  #age(alert: StoredAlert): void {
    if (this.#bornAt.has(alert)) return
    this.#bornAt.set(alert, this.#clock.now() - Math.max(0, this.#clock.wallNow() - alert.askedAt))
  }

  /** The channel of an alert, or why there is none. */
  #channelOf(alert: StoredAlert): Channel | string {
    try {
      return this.#options.channelOf(alert) ?? 'its route is not in the manifest any more'
    } catch (error) {
      return `its channel cannot be opened: ${textOf(error)}`
    }
  }

  /** Whether anything is under way, or is about to be. */
  #isBusy(): boolean {
    if (this.#attempts.size > 0) return true
    for (const { lane, pause } of this.#outlets.values()) if (pause === undefined && lane.hasReady) return true
    return false
  }

  #outletOf(channel: Channel): Outlet {
    let outlet = this.#outlets.get(channel)
    if (outlet === undefined) {
      const lane = new DeliveryLane(channel.maxUnderWay ?? this.#maxUnderWay)
      outlet = { channel, lane, pause: undefined, pauses: 0 }
      this.#outlets.set(channel, outlet)
    }
    return outlet
  }

  /** Begins all that there is room for. */
  #pump(outlet: Outlet): void {
    if (outlet.pause !== undefined) return
    for (let line = outlet.lane.take(); line !== undefined; line = outlet.lane.take()) this.#begin(outlet, line)
  }

  #begin(outlet: Outlet, line: Line): void {
    const abort = new AbortController()
    const alert = line.underWay!
    const deadline = this.#clock.after(this.#timeoutMs, () => {
      abort.abort()
      this.#failed(attempt, new ChannelError(`no answer within ${this.#timeoutMs} ms`, { isPassing: true }))
    })
    const attempt: Attempt = { outlet, line, alert, abort, deadline }
    this.#attempts.add(attempt)
    deliver(outlet.channel, () => this.#options.toldOf(alert), abort.signal).then(
      () => this.#delivered(attempt),
      (error: unknown) => this.#failed(attempt, error),
    )
  }

  /** Returns false if it is over already. */
  #end(attempt: Attempt): boolean {
    if (!this.#attempts.delete(attempt)) return false
    attempt.deadline.cancel()
    return true
  }

  #delivered(attempt: Attempt): void {
    if (!this.#end(attempt)) return
    const { outlet, line, alert } = attempt
    outlet.pauses = 0
    outlet.lane.settle(line)
    this.#options.onDelivered(alert)
    this.#goOn(outlet)
  }

  #failed(attempt: Attempt, error: unknown): void {
    if (!this.#end(attempt)) return
    const { outlet, line, alert } = attempt
    const { onRetry, onDead } = this.#options
    const { isPassing, retryAfterMs } =
      error instanceof ChannelError ? error : { isPassing: true, retryAfterMs: undefined }
    const attempts = alert.attempts + 1
    const pauses = outlet.pause === undefined ? outlet.pauses + 1 : outlet.pauses
    const ageMs = this.#clock.now() - this.#bornAt.get(alert)!
    const after = afterFailure({ attempts, pauses, ageMs, isPassing, retryAfterMs }, this.#policy, this.#random)
    const tried = after.action === 'pause' ? alert : { ...alert, attempts }
    this.#bornAt.set(tried, this.#bornAt.get(alert)!)
    if (after.action === 'give up') {
      outlet.lane.settle(line)
      onDead(tried, textOf(error))
    } else {
      outlet.lane.putBack(line, tried)
      if (after.action === 'retry') {
        if (!this.#isDraining) this.#naps.sleep([outlet, line], after.ms)
      } else {
        outlet.lane.wake(line)
        outlet.pauses = pauses
        this.#pause(outlet, after.ms)
      }
      onRetry(tried, textOf(error))
    }
    this.#goOn(outlet)
  }

  #goOn(outlet: Outlet): void {
    this.#pump(outlet)
    this.#forgetIfEmpty(outlet)
    if (this.#drained !== undefined && !this.#isBusy()) this.#drained()
  }

  #forgetIfEmpty(outlet: Outlet): void {
    const { lane, pause, channel } = outlet
    if (lane.isEmpty && pause === undefined) this.#outlets.delete(channel)
  }

  #pause(outlet: Outlet, ms: number): void {
    outlet.pause?.cancel()
    outlet.pause = this.#clock.after(ms, () => {
      outlet.pause = undefined
      this.#goOn(outlet)
    })
  }
}

/** What a channel throws at once, it throws later. */
async function deliver(channel: Channel, told: () => Alert, signal: AbortSignal): Promise<void> {
  await channel.deliver(told(), signal)
}

function textOf(error: unknown): string {
  const text = error instanceof Error ? error.message : String(error)
  return text.length > MAX_ERROR_CHARS ? `${text.slice(0, MAX_ERROR_CHARS)}…` : text
}
