import type { Clock, Timer } from '@millrace/kernel/clock'
import { MillraceError } from '@millrace/kernel/errors'
import { Lane } from '../dispatch/lane.ts'
import { awaitsIntervention } from '../lifecycle/lifecycle.ts'
import { Event, State } from '../lifecycle/states.ts'
import type { MonitorTable } from '../monitors/monitor-table.ts'
import type { Numbering } from '../monitors/numbering.ts'
import type { ProfileTable } from '../monitors/profile-table.ts'
import { RecentValues } from '../observe/recent-values.ts'
import type { Logger } from '../pulse.ts'
import type { InterventionKind, InterventionOutcome } from './intervention.ts'
import { refused } from './outcome.ts'
import { StormBreaker } from './storm-breaker.ts'

export interface InterventionLineOptions {
  readonly table: MonitorTable
  readonly profiles: ProfileTable
  readonly kinds: ReadonlyMap<string, InterventionKind>
  readonly clock: Clock
  readonly logger: Logger | undefined
  readonly laneSize: number
  readonly maxUnderWay: number
  readonly maxPerMinute: number
  /** Names the open incident of a monitor. */
  readonly incidentOf: (monitor: number) => string
  readonly numbering: Numbering
  /** Tells the monitor what happened. */
  readonly happen: (monitor: number, event: Event, reason: string) => void
  /** Resolves once what is known of a monitor now is durable, with true; or, after `withinMs`, with false. */
  readonly durable: (monitor: number, withinMs: number) => Promise<boolean>
}

/**
 * Interventions, from being asked for to their end: lane, storm breaker, slots.
 *
 * - A monitor leaves `needed`, or `overdue`, when the lane's turn comes to it, and not before; where the lane is full, it asks again.
 * - It is durable that one is made before it is: whatever happens then, it is not made again for the same incident. Where the store does not work for as long
 *   as the intervention may take, it is refused.
 * - Each ends as accepted, refused or unknown; one that says nothing within its time is unknown, and its late answer is not heard.
 */
export class InterventionLine {
  readonly #options: InterventionLineOptions
  readonly #lane: Lane
  readonly #breaker: StormBreaker
  /** Monitors in the lane whose turn is still to come, and since when they wait. */
  readonly #asked = new Map<number, number>()
  readonly #aborts = new Set<AbortController>()
  readonly #delayMs: RecentValues
  #timer: Timer | undefined
  #isRunning = false
  #idle: (() => void) | undefined
  accepted = 0
  refused = 0
  unknown = 0

  constructor(options: InterventionLineOptions) {
    this.#options = options
    this.#lane = new Lane(options.laneSize)
    this.#delayMs = new RecentValues(options.clock)
    this.#breaker = new StormBreaker(options.maxPerMinute)
  }

  get underWay(): number {
    return this.#aborts.size
  }

  get waiting(): number {
    return this.#asked.size
  }

  /** From being asked for to the beginning, in ms. */
  get delayMs(): RecentValues {
    return this.#delayMs
  }

  /** Whether some wait that there is room for, since too many began within a minute. */
  get isStorm(): boolean {
    return this.#timer !== undefined
  }

  start(): void {
    this.#isRunning = true
    this.#pump()
  }

  /** Begins no more, and resolves when none is under way; those still under way after `withinMs` are told to end, and are unknown. */
  async stop(withinMs: number): Promise<void> {
    this.#isRunning = false
    this.#timer?.cancel()
    this.#timer = undefined
    if (this.#aborts.size === 0) return
    const idle = new Promise<void>((resolve) => {
      this.#idle = resolve
    })
    const timer = this.#options.clock.after(withinMs, () => {
      for (const abort of this.#aborts) abort.abort(new MillraceError('INTERVENTION_TIMED_OUT', 'Millrace stops'))
    })
    await idle
    timer.cancel()
  }

  /** A monitor asks for one; asking again does nothing. */
  ask(monitor: number): void {
    if (this.#asked.has(monitor) || !this.#lane.tryPush(monitor)) return
    this.#asked.set(monitor, this.#options.clock.now())
    this.#pump()
  }

  /** A monitor that asked does no longer. */
  withdraw(monitor: number): void {
    this.#asked.delete(monitor)
  }

  #pump(): void {
    const { table, clock, maxUnderWay } = this.#options
    while (this.#isRunning && this.#asked.size > 0 && this.#aborts.size < maxUnderWay) {
      const now = clock.now()
      const nextAt = this.#breaker.nextAt(now)
      if (nextAt > now) {
        this.#timer ??= clock.after(nextAt - now, () => {
          this.#timer = undefined
          this.#pump()
        })
        return
      }
      const monitor = this.#lane.shift()
      const askedAt = this.#asked.get(monitor)
      if (askedAt === undefined) continue
      this.#asked.delete(monitor)
      if (!awaitsIntervention(table.state[monitor] as State)) continue
      this.#breaker.begun(now)
      void this.#intervene(monitor, askedAt)
    }
  }

  async #intervene(monitor: number, askedAt: number): Promise<void> {
    const { table, happen } = this.#options
    const abort = new AbortController()
    this.#aborts.add(abort)
    happen(monitor, Event.TAKEN, 'an intervention is made')
    const generation = table.generation[monitor]
    // It may be paused meanwhile, or be another.
    const isWanted = () => table.generation[monitor] === generation && table.state[monitor] === State.PENDING
    const outcome = await this.#run(monitor, askedAt, abort, isWanted)
    this.#aborts.delete(abort)
    this[outcome.status]++
    if (isWanted()) {
      if (outcome.status === 'accepted') happen(monitor, Event.ACCEPTED, outcome.detail ?? 'the intervention was made')
      else if (outcome.status === 'refused') happen(monitor, Event.REFUSED, outcome.reason)
      else happen(monitor, Event.TIMED_OUT, outcome.reason)
    }
    if (this.#aborts.size === 0) this.#idle?.()
    this.#pump()
  }

  async #run(
    monitor: number,
    askedAt: number,
    abort: AbortController,
    isWanted: () => boolean,
  ): Promise<InterventionOutcome> {
    const { table, profiles, kinds, clock, durable, incidentOf, numbering, logger } = this.#options
    const { type, target, timeoutMs } = profiles.get(table.profile[monitor]!).intervention!
    const name = table.nameOf(monitor)
    const order = {
      monitor: name,
      id: `${incidentOf(monitor)}/${numbering.next()}`,
      incident: incidentOf(monitor),
      reason: table.remembered.get(monitor)?.reason ?? '',
      signal: abort.signal,
      timeoutMs,
    }
    const isAborted = new Promise<void>((resolve) => abort.signal.addEventListener('abort', () => resolve()))
    // Who stops does not wait for a store that hangs.
    const isDurable = await Promise.race([durable(monitor, timeoutMs), isAborted])
    if (abort.signal.aborted) return refused('Millrace stopped before the intervention was made')
    if (isDurable !== true) return refused('it was not made, since nobody could keep that it is')
    if (!isWanted()) return refused('the monitor was paused or changed before the intervention was made')
    this.#delayMs.record(Math.max(0, clock.now() - askedAt))
    logger?.info({ monitor: name, type }, 'an intervention is made')
    const timedOut = new MillraceError('INTERVENTION_TIMED_OUT', `it did not end within ${timeoutMs} ms`)
    const timer = clock.after(timeoutMs, () => abort.abort(timedOut))
    const over = new Promise<InterventionOutcome>((resolve) => {
      abort.signal.addEventListener('abort', () => resolve(unknown(abort.signal.reason)))
    })
    const run = new Promise<InterventionOutcome>((resolve) => resolve(kinds.get(type)!.run(target, order)))
    const outcome = await Promise.race([run.catch(unknown), over])
    timer.cancel()
    logger?.info({ monitor: name, type, ...outcome }, `the intervention was ${outcome.status}`)
    return outcome
  }
}

function unknown(error: unknown): InterventionOutcome {
  const message = error instanceof Error ? error.message : String(error)
  return { status: 'unknown', reason: `nobody knows what became of the intervention: ${message}` }
}
