import { VirtualClock } from '@millrace/kernel'
import { randomFrom } from '@millrace/kernel/test/property'
import { Verdict } from '../../src/checks/check.ts'
import { type Code, Event, STATE_NAMES, State } from '../../src/lifecycle/states.ts'
import type * as wardModule from '../../src/lifecycle/ward.ts'
import { MonitorTable } from '../../src/monitors/monitor-table.ts'
import { Numbering } from '../../src/monitors/numbering.ts'
import { ProfileTable } from '../../src/monitors/profile-table.ts'
import { colourOf, isWay } from '../../src/simulate/promises.ts'
import { profileOf } from '../rig/create-rig.ts'

const { UP, DOWN, NEEDED, PENDING, VERIFYING, UNKNOWN, DISABLED, MAINTENANCE, OVERDUE } = State
const MONITORS = 64
const CHECKS_PER_ACTION = 32
const encoder = new TextEncoder()

/** What went wrong on a walk, if anything did; and how far it went. */
export interface Walk {
  readonly transitions: number
  readonly broken: string | undefined
}

/** Monitors as they are, without anything that takes its time: results and events come as chance has them, and each change is judged by rules of its own. */
export function walk(Ward: typeof wardModule.Ward, seed: number, transitions: number): Walk {
  const random = randomFrom(seed)
  const clock = new VirtualClock({ wallNow: Date.UTC(2026, 0, 1) })
  const table = new MonitorTable()
  const profiles = new ProfileTable()
  const [passes, fails, repairs] = [0, 1, 2].map(() => new Int32Array(MONITORS)) as [Int32Array, Int32Array, Int32Array]
  const before = new Uint8Array(MONITORS)
  const isScheduled = new Uint8Array(MONITORS)
  let count = 0
  let broken: string | undefined
  let told: Code | undefined
  let isAsked = false
  const fault = (monitor: number, what: string) => {
    broken ??= `${STATE_NAMES[before[monitor]!]} to ${STATE_NAMES[table.state[monitor]!]}: ${what}`
  }
  const ward = new Ward({
    table,
    profiles,
    clock,
    numbering: new Numbering(clock),
    flapThresholds: { high: 101, low: 101 },
    schedule: (monitor) => {
      if (isScheduled[monitor]! === 1) fault(monitor, 'it is scheduled twice')
      isScheduled[monitor] = 1
    },
    unschedule: (monitor) => {
      isScheduled[monitor] = 0
    },
    needed: () => {},
    intervene: () => {
      isAsked = true
    },
    withdraw: () => {},
    tell: (_, code) => {
      told = code
    },
    announce: (_, code) => {
      told = code
    },
    remind: () => {},
    changed: () => {},
  })
  for (let monitor = 0; monitor < MONITORS; monitor++) {
    const [unhealthyThreshold, healthyThreshold] = [1 + (monitor % 3), 1 + (Math.floor(monitor / 3) % 3)]
    const intervention = monitor % 2 === 0 ? {} : undefined
    const profile = profiles.intern(
      profileOf({ name: '', check: { unhealthyThreshold, healthyThreshold }, intervention, codes: {} }),
    )
    profiles.retain(profile)
    table.add(encoder.encode(`m${monitor}`), `m${monitor}`.length, profile)
    ward.entered(monitor)
  }

  /** What changed, if anything did. */
  const judge = (monitor: number, event: Event | undefined) => {
    const [from, to] = [before[monitor]! as State, table.state[monitor]! as State]
    const { check } = profiles.get(table.profile[monitor]!)
    if (from === to) {
      if (told !== undefined) fault(monitor, 'something is told of nothing')
    } else {
      count++
      if (!isWay(from, to)) fault(monitor, 'there is no such way')
      if (told !== colourOf(from, to)) fault(monitor, `${told} is told`)
      if (to === UP && from !== UNKNOWN && passes[monitor]! < check.healthyThreshold) fault(monitor, 'too early')
      if (
        (to === NEEDED || (to === DOWN && event === undefined && from !== VERIFYING)) &&
        fails[monitor]! < check.unhealthyThreshold
      ) {
        fault(monitor, 'too early')
      }
      if (to === NEEDED && repairs[monitor]! > 0) fault(monitor, 'a second intervention is asked for')
      if (to === NEEDED && !isAsked) fault(monitor, 'no intervention is asked for')
      if (to === PENDING) repairs[monitor]!++
      if (to === UP) repairs[monitor] = 0
      if (from === PENDING || from === DISABLED || from === MAINTENANCE || to === DISABLED || to === MAINTENANCE) {
        passes[monitor] = 0
        fails[monitor] = 0
      }
    }
    const isChecked = to !== PENDING && to !== DISABLED && to !== MAINTENANCE
    if ((isScheduled[monitor] === 1) !== isChecked)
      fault(monitor, 'it is scheduled in a state in which it is not checked')
  }

  while (count < transitions && broken === undefined) {
    const draw = Math.floor(random() * MONITORS * CHECKS_PER_ACTION)
    const monitor = draw % MONITORS
    const state = table.state[monitor]! as State
    told = undefined
    isAsked = false
    before[monitor] = state
    const chance = random()
    if (state === NEEDED && chance > 0.9) {
      ward.happen(monitor, Event.OVERDUE, '')
      judge(monitor, Event.OVERDUE)
    } else if ((state === NEEDED || state === OVERDUE) && chance < 0.3) {
      ward.happen(monitor, Event.TAKEN, '')
      judge(monitor, Event.TAKEN)
    } else if (state === PENDING) {
      const event = chance < 0.6 ? Event.ACCEPTED : chance < 0.8 ? Event.REFUSED : Event.TIMED_OUT
      ward.happen(monitor, event, '')
      judge(monitor, event)
    } else if (state === DISABLED || state === MAINTENANCE || draw < MONITORS) {
      // What means nothing there must do nothing.
      const event = Math.floor(chance * 4) + Event.DISABLE
      ward.happen(monitor, event as Event, '')
      judge(monitor, event as Event)
    } else {
      const verdict = chance < 0.5 ? Verdict.PASS : chance < 0.97 ? Verdict.FAIL : Verdict.WARN
      passes[monitor] = verdict === Verdict.PASS ? passes[monitor]! + 1 : 0
      fails[monitor] = verdict === Verdict.FAIL ? fails[monitor]! + 1 : 0
      ward.observe(monitor, verdict, 'bad')
      judge(monitor, undefined)
    }
  }
  const sums = new Int32Array(STATE_NAMES.length)
  for (let monitor = 0; monitor < MONITORS; monitor++) sums[table.state[monitor]!]!++
  if (sums.join() !== ward.byState.join()) broken ??= 'the books of states'
  return { transitions: count, broken }
}
