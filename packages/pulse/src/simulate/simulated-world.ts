import type { Clock } from '@millrace/kernel/clock'
import type { Alert, Channel } from '../alerts/channel.ts'
import { type CheckKind, type ProbeEnd, Verdict } from '../checks/check.ts'
import { Heartbeats } from '../checks/heartbeat/heartbeats.ts'
import type { InterventionKind, InterventionOrder, InterventionOutcome } from '../interventions/intervention.ts'
import type { Kinds } from '../kinds.ts'
import type { MonitorSpec } from '../monitors/monitor.ts'
import type { ProcessClock } from './simulated-clock.ts'
import type { SimulatedFaults } from './simulated-faults.ts'
import type { Witness } from './witness/witness.ts'

export interface SimulatedWorldOptions {
  readonly monitors: readonly MonitorSpec[]
  readonly clock: Clock
  readonly random: () => number
  readonly faults: SimulatedFaults
  readonly witness: Witness
}

const LONGEST_ANSWER_MS = 50
const LONGEST_DELIVERY_MS = 200
/** Later answers come when a check was given up for sure, and not just about then. */
const LATE_MS = 10
const SURE_HELP = 0.7

/** Probes that end at the same time: of each ticket, monitor, verdict, when it began, and its timeout. */
type Ends = number[]
const FIELDS = 5

/**
 * What an engine works on: targets that fall ill and get well, repairs that help or do not, people who can be reached or cannot. It outlives processes.
 *
 * PERF: the probes that end within the same ms share a timer and an array.
 */
export class SimulatedWorld {
  readonly #options: SimulatedWorldOptions
  readonly #isIll: Uint8Array
  /** No probe ends before. */
  #stalledUntil = 0

  constructor(options: SimulatedWorldOptions) {
    this.#options = options
    this.#isIll = new Uint8Array(options.monitors.length)
  }

  stall(ms: number): void {
    this.#stalledUntil = this.#options.clock.now() + ms
  }

  /** All targets are well. */
  heal(): void {
    this.#isIll.fill(0)
  }

  /** What an engine is given, by the types that the monitors name. @param clock is its process's. */
  kindsFor(clock: ProcessClock): Kinds {
    const { monitors } = this.#options
    const checks = new Map<string, CheckKind>()
    const interventions = new Map<string, InterventionKind>()
    const channels = new Map<string, Kinds['channels'] extends ReadonlyMap<string, infer Kind> ? Kind : never>()
    for (const { profile } of new Map(monitors.map((monitor) => [monitor.profile, monitor])).values()) {
      const { type } = profile.check
      if (!checks.has(type)) checks.set(type, this.#checkKind(type, clock))
      const action = profile.intervention?.type
      if (action !== undefined) interventions.set(action, this.#interventionKind(action, clock))
      for (const route of Object.values(profile.codes).flat()) {
        const number = channels.size
        if (channels.has(route.type)) continue
        const open = () => this.#channel(number, clock)
        channels.set(route.type, { type: route.type, parse: () => ({}), open })
      }
    }
    return { checks, interventions, channels, beats: new Heartbeats(clock) }
  }

  #checkKind(type: string, clock: ProcessClock): CheckKind {
    return {
      type,
      parse: () => ({ target: '', options: {} }),
      hostOf: () => undefined,
      createProber: ({ end }) => this.#prober(end, clock),
    }
  }

  #prober(end: ProbeEnd, clock: ProcessClock) {
    const { witness, random, faults } = this.#options
    const ends = new Map<number, Ends>()
    /** By ticket, those that do not end before their time is over: when that is, and what ends them then, by itself or because somebody asks. */
    const unended = new Map<number, { readonly monitor: number; readonly dueAt: number; readonly end?: () => void }>()
    const endAt = (at: number, ...fields: Ends) => {
      const others = ends.get(at)
      if (others !== undefined) {
        others.push(...fields)
        return
      }
      ends.set(at, fields)
      clock.afterQuietly(at - clock.now(), () => {
        const list = ends.get(at)!
        ends.delete(at)
        for (let index = 0; index < list.length; index += FIELDS) {
          const verdict = list[index + 2] as Verdict
          witness.checks.ended(list[index + 1]!, list[index]!, verdict, list[index + 3]!, list[index + 4]!)
          end(
            list[index]!,
            verdict,
            at - list[index + 3]!,
            verdict === Verdict.PASS ? undefined : 'the simulation says so',
          )
        }
      })
    }
    const endWithItsTime = (ticket: number, monitor: number, verdict: Verdict, begunAt: number, timeoutMs: number) => {
      const endNow = () => {
        if (!unended.delete(ticket)) return
        witness.checks.ended(monitor, ticket, verdict, begunAt, timeoutMs)
        end(ticket, verdict, timeoutMs, verdict === Verdict.PASS ? undefined : 'the simulation is silent')
      }
      unended.set(ticket, { monitor, dueAt: begunAt + timeoutMs, end: endNow })
      clock.afterQuietly(Math.ceil(timeoutMs), endNow)
    }
    return {
      probe: (ticket: number, target: string, _options: unknown, timeoutMs: number) => {
        const monitor = Number(target)
        const now = clock.now()
        witness.checks.begun(monitor, ticket, timeoutMs)
        const verdict = this.#verdictOf(monitor)
        const draw = random()
        let at = Math.min(now + 1 + Math.floor(draw * draw * LONGEST_ANSWER_MS), now + timeoutMs)
        if (verdict === Verdict.FAIL && random() < faults.hangs) at = now + timeoutMs
        const fault = random()
        const isDropped = now < this.#stalledUntil || fault < faults.drops
        const isLate = !isDropped && fault < faults.drops + faults.delays
        if (isDropped || isLate) unended.set(ticket, { monitor, dueAt: now + timeoutMs })
        if (isDropped) return
        if (isLate) at = now + timeoutMs + LATE_MS + Math.floor(draw * 2 * timeoutMs)
        const isSilent = at === now + timeoutMs
        at = Math.ceil(at)
        if (isSilent) endWithItsTime(ticket, monitor, verdict, now, timeoutMs)
        else endAt(at, ticket, monitor, verdict, now, timeoutMs)
        if (random() < faults.duplicates) {
          endAt(at + Math.floor(draw * 3 * timeoutMs), ticket, monitor, Verdict.FAIL, now, timeoutMs)
        }
      },
      expire: (ticket: number) => {
        const probe = unended.get(ticket)
        if (probe === undefined) return
        witness.checks.asked(probe.monitor, probe.dueAt)
        // One that was dropped, or answers too late, is not known any more.
        if (probe.end === undefined) unended.delete(ticket)
        else probe.end()
      },
      [Symbol.asyncDispose]: async () => {},
    }
  }

  #verdictOf(monitor: number): Verdict {
    const { random, faults } = this.#options
    const draw = random()
    if (draw < faults.ownFaults) return Verdict.FAULT
    const isIll = this.#isIll[monitor] === 1
    // Some targets are always about to change.
    const factor = monitor % 8 === 3 ? 3 : 1
    if (random() < (isIll ? faults.heals : faults.falls) * factor) this.#isIll[monitor] = isIll ? 0 : 1
    if (this.#isIll[monitor] === 1) return Verdict.FAIL
    return draw > 1 - faults.warnings ? Verdict.WARN : Verdict.PASS
  }

  #interventionKind(type: string, clock: Clock): InterventionKind {
    const { witness, random, faults } = this.#options
    return {
      type,
      parse: () => ({}),
      run: (_, order: InterventionOrder) => {
        const monitor = witness.scene.numberOf(order.monitor)
        witness.interventions.run(monitor, order)
        const draw = random()
        const { refusals, unknowns, silences } = faults
        const helps = random() < SURE_HELP
        const ms = Math.floor(random() * order.timeoutMs * 0.9)
        return new Promise((resolve, reject) => {
          if (draw < silences) return
          clock.after(ms, () => {
            let outcome: InterventionOutcome = { status: 'accepted' }
            if (draw < silences + refusals) outcome = { status: 'refused', reason: 'the simulation refuses' }
            else if (draw < silences + refusals + unknowns) {
              outcome = { status: 'unknown', reason: 'the simulation does not say' }
            } else if (helps) this.#isIll[monitor] = 0
            witness.interventions.ended(monitor, outcome)
            if (outcome.status === 'unknown' && helps) reject(new Error('the simulation fails'))
            else resolve(outcome)
          })
        })
      },
    }
  }

  #channel(number: number, clock: Clock): Channel {
    const { witness, random, faults } = this.#options
    return {
      maxUnderWay: 1000,
      deliver: (alert: Alert) =>
        new Promise((resolve, reject) => {
          const ms = Math.floor(random() * LONGEST_DELIVERY_MS)
          const draw = random()
          clock.after(ms, () => {
            witness.scene.isStirred = true
            if (draw < faults.deliveries) reject(new Error('the simulation delivers nothing'))
            else {
              witness.alerts.delivered(alert, number)
              resolve()
            }
          })
        }),
      [Symbol.asyncDispose]: async () => {},
    }
  }
}
