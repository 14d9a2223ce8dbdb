import type { Clock } from '@millrace/kernel/clock'
import { Verdict } from '../checks/check.ts'
import { Flag, type MonitorTable, NEVER } from '../monitors/monitor-table.ts'
import type { Numbering } from '../monitors/numbering.ts'
import type { ProfileTable } from '../monitors/profile-table.ts'
import type { PulseEvent } from '../pulse.ts'
import { changePercent, type FlapThresholds, isFlapping, remember } from './flapping.ts'
import { awaitsIntervention, effectsOf, isChecked, nextOf, step } from './lifecycle.ts'
import { CODES, type Code, Effect, Event, FIRST_CODE_BIT, STATE_NAMES, State } from './states.ts'

/** Of the latest colour that a transition tells. */
const CODE_BITS = 0x1f

export interface WardOptions {
  readonly table: MonitorTable
  readonly profiles: ProfileTable
  readonly clock: Clock
  readonly numbering: Numbering
  readonly flapThresholds: FlapThresholds
  /** Begins to check a monitor, and ends that. */
  readonly schedule: (monitor: number) => void
  readonly unschedule: (monitor: number) => void
  /** A monitor has come to need an intervention, which is asked for next. */
  readonly needed: (monitor: number) => void
  /** An intervention is asked for; it may be again, until the state is another. */
  readonly intervene: (monitor: number) => void
  readonly withdraw: (monitor: number) => void
  /** Something is to be told, unless its colour was told last. */
  readonly tell: (monitor: number, code: Code, reason: string, at: number) => void
  /** Something is to be told whatever was told last. */
  readonly announce: (monitor: number, code: Code, reason: string, at: number) => void
  /** Something that was to be told before may be now. */
  readonly remind: (monitor: number, at: number) => void
  /** What is known of a monitor is to be kept. */
  readonly changed: (monitor: number) => void
}

/**
 * Who decides on the state of monitors, and nobody else does: what happens to one goes through the table of the lifecycle here, and what is to be done
 * is asked of the others.
 *
 * PERF: a good check of a monitor that is well is a dozen reads and writes of columns; bench/pulse/engine.bench.ts.
 */
export class Ward {
  readonly #options: WardOptions
  readonly #byState = new Int32Array(STATE_NAMES.length)
  readonly #listeners = new Set<(event: PulseEvent) => void>()

  constructor(options: WardOptions) {
    this.#options = options
  }

  /** Monitors in each state, by its number. */
  get byState(): Int32Array {
    return this.#byState
  }

  onChange(listener: (event: PulseEvent) => void): () => void {
    this.#listeners.add(listener)
    return () => this.#listeners.delete(listener)
  }

  /** A monitor is there, in the state its column has. */
  entered(monitor: number): void {
    const state = this.#options.table.state[monitor] as State
    this.#byState[state]!++
    if (isChecked(state)) this.#options.schedule(monitor)
  }

  left(monitor: number): void {
    const { table, unschedule, withdraw } = this.#options
    this.#byState[table.state[monitor]!]!--
    unschedule(monitor)
    withdraw(monitor)
  }

  /** What a check found. */
  observe(monitor: number, verdict: Verdict, reason: string | undefined): void {
    if (verdict === Verdict.FAULT) return
    const { table, clock } = this.#options
    const hasFailed = verdict === Verdict.FAIL
    const at = clock.wallNow()
    table.history[monitor] = remember(table.history[monitor]!, hasFailed)
    this.#damp(monitor, at)
    if (verdict === Verdict.PASS && table.state[monitor] === State.UP) {
      table.failures[monitor] = 0
      if (table.passes[monitor]! < 255) table.passes[monitor]!++
    } else this.happen(monitor, this.#eventOf(monitor, verdict), reason ?? 'the check passed', at)
    if ((table.flags[monitor]! & Flag.OWES) !== 0) this.#options.remind(monitor, at)
    // It asked before, and the lane had no room.
    if (hasFailed && awaitsIntervention(table.state[monitor] as State)) this.#options.intervene(monitor)
  }

  /**
   * Something happened to a monitor.
   * @param at is by the wall clock.
   */
  happen(monitor: number, event: Event, reason: string, at = this.#options.clock.wallNow()): void {
    const { table, changed, clock } = this.#options
    const state = table.state[monitor] as State
    const stepped = step(state, event)
    const next = nextOf(stepped)
    const effects = effectsOf(stepped)
    if (reason !== '' && isBad(event)) table.remember(monitor).reason = reason
    if (next === state && effects === 0) return
    table.state[monitor] = next
    this.#byState[state]!--
    this.#byState[next]!++
    if ((effects & Effect.FENCE) !== 0) table.generation[monitor]!++
    if ((effects & Effect.RESET) !== 0) {
      table.passes[monitor] = 0
      table.failures[monitor] = 0
    }
    if ((effects & Effect.OPEN) !== 0) this.#open(monitor, at)
    if (event === Event.TAKEN) {
      table.flags[monitor]! |= Flag.INTERVENED
      table.remember(monitor).interventionAt = clock.now()
    }
    const code = codeOf(effects)
    // What came back begins anew: who is called because of it may have gone home since.
    if (code !== undefined && state === State.UNKNOWN) this.#options.announce(monitor, code, reason, at)
    else if (code !== undefined) this.#options.tell(monitor, code, reason, at)
    if ((effects & Effect.CLOSE) !== 0) table.flags[monitor]! &= ~(Flag.INCIDENT | Flag.INTERVENED | Flag.ACKNOWLEDGED)
    if ((effects & Effect.WITHDRAW) !== 0) this.#options.withdraw(monitor)
    if (isChecked(state) !== isChecked(next)) {
      if (isChecked(next)) this.#options.schedule(monitor)
      else this.#options.unschedule(monitor)
    }
    changed(monitor)
    if (this.#listeners.size > 0) {
      const [from, to] = [STATE_NAMES[state]!, STATE_NAMES[next]!]
      const told = { monitor: table.nameOf(monitor), from, to, code, reason, at }
      for (const listener of this.#listeners) listener(told)
    }
    // Last, for it may be taken at once.
    if ((effects & Effect.INTERVENE) === 0) return
    table.remember(monitor).neededAt = clock.now()
    this.#options.needed(monitor)
    this.#options.intervene(monitor)
  }

  #open(monitor: number, at: number): void {
    const { table } = this.#options
    // One that a pause, maintenance or another manifest came between goes on: there is no second intervention in it.
    if ((table.flags[monitor]! & Flag.INCIDENT) !== 0) return
    table.flags[monitor]! |= Flag.INCIDENT
    // As long as somebody is to hear that the last one is over, this is it still.
    if (table.told[monitor] === 0) this.#name(monitor, at)
  }

  /** The incident that begins is another than the last. */
  #name(monitor: number, at: number): void {
    const { table, numbering } = this.#options
    Object.assign(table.remember(monitor), { incidentAt: at, incident: numbering.next() })
  }

  #eventOf(monitor: number, verdict: Verdict): Event {
    const { table, profiles } = this.#options
    const { check } = profiles.get(table.profile[monitor]!)
    if (verdict === Verdict.FAIL) {
      table.passes[monitor] = 0
      if (table.failures[monitor]! < 255) table.failures[monitor]!++
      if (table.failures[monitor]! < check.unhealthyThreshold) return Event.FAIL
      return this.#mayIntervene(monitor) ? Event.FAIL_ENOUGH : Event.FAIL_HOPELESS
    }
    table.failures[monitor] = 0
    if (verdict === Verdict.WARN) {
      table.passes[monitor] = 0
      return Event.WARN
    }
    if (table.passes[monitor]! < 255) table.passes[monitor]!++
    // Of what nobody was told anything, the first good check is enough.
    const isFresh =
      table.state[monitor] === State.UNKNOWN &&
      (table.flags[monitor]! & Flag.INCIDENT) === 0 &&
      table.told[monitor] === 0
    return isFresh || table.passes[monitor]! >= check.healthyThreshold ? Event.PASS_ENOUGH : Event.PASS
  }

  /** One in an incident, none while it cools down from the last, and none while it flaps. */
  #mayIntervene(monitor: number): boolean {
    const { table, profiles, clock } = this.#options
    const { intervention } = profiles.get(table.profile[monitor]!)
    if (intervention === undefined || (table.flags[monitor]! & (Flag.INTERVENED | Flag.FLAPPING)) !== 0) return false
    const last = table.remembered.get(monitor)?.interventionAt ?? NEVER
    return clock.now() - last >= intervention.coolDownMs
  }

  /** Damps flapping: the beginning is told, and nothing more before its end. */
  #damp(monitor: number, at: number): void {
    const { table, flapThresholds, changed, announce, remind } = this.#options
    const history = table.history[monitor]!
    const was = (table.flags[monitor]! & Flag.FLAPPING) !== 0
    if (history === 0 && !was) return
    const is = isFlapping(history, was, flapThresholds)
    if (is === was) return
    if (is) {
      // What is told of it belongs to the incident that begins with it.
      if ((table.flags[monitor]! & Flag.INCIDENT) === 0 && table.told[monitor] === 0) this.#name(monitor, at)
      announce(monitor, 'yellow', `flapping: ${Math.round(changePercent(history))} % of the last results changed`, at)
      table.flags[monitor]! |= Flag.FLAPPING | Flag.OWES
    } else {
      table.flags[monitor]! &= ~Flag.FLAPPING
      remind(monitor, at)
    }
    changed(monitor)
  }
}

/** Whether there is a reason to keep. */
function isBad(event: Event): boolean {
  return event === Event.FAIL || event === Event.FAIL_ENOUGH || event === Event.FAIL_HOPELESS || event === Event.WARN
}

/** The colour that effects tell. */
function codeOf(effects: number): Code | undefined {
  const bits = (effects >>> FIRST_CODE_BIT) & CODE_BITS
  return bits === 0 ? undefined : CODES[31 - Math.clz32(bits & -bits)]
}
