import { STATE_NAMES, State, type StateName } from '../../lifecycle/states.ts'
import type { PulseEvent } from '../../pulse.ts'
import { Happening } from '../history.ts'
import { colourOf, isWay, mayBe } from '../promises.ts'
import type { AlertWitness } from './alert-witness.ts'
import type { CheckWitness } from './check-witness.ts'
import type { Findings } from './findings.ts'
import type { Incidents } from './incidents.ts'
import type { InterventionWitness } from './intervention-witness.ts'
import type { Scene } from './scene.ts'

export interface StateWitnessOptions {
  readonly scene: Scene
  readonly checks: CheckWitness
  readonly findings: Findings
  readonly incidents: Incidents
  readonly interventions: InterventionWitness
  readonly alerts: AlertWitness
  /** Who needs an intervention for so long is overdue, in ms. */
  readonly overdueAfterMs: number
}

/** An engine may look so seldom. */
const OVERDUE_SLACK_MS = 110

const NUMBER_OF = new Map<StateName, State>(STATE_NAMES.map((name, state) => [name, state as State]))

/** Sees monitors go from one state to another: by the ways there are, with their colours, not without cause; and not too late. */
export class StateWitness {
  readonly #options: StateWitnessOptions
  /** Since when a monitor is in its state, by the clock of the simulation; and whether it came there before this process. */
  readonly #since: Float64Array
  readonly #isKept: Uint8Array
  /** Changes of states. */
  count = 0

  constructor(options: StateWitnessOptions) {
    this.#options = options
    const count = options.scene.monitors.length
    this.#since = new Float64Array(count)
    this.#isKept = new Uint8Array(count)
  }

  /** A monitor went from one state to another. */
  readonly changed = ({ monitor: name, from, to, code, at }: PulseEvent): void => {
    const { scene, checks, findings, incidents, interventions, alerts } = this.#options
    const monitor = scene.numberOf(name)
    const [was, next] = [NUMBER_OF.get(from)!, NUMBER_OF.get(to)!]
    this.count++
    scene.isStirred = true
    scene.history.add(scene.clock.now(), monitor, Happening.STATE, next)
    if (scene.state[monitor] !== was) {
      scene.broken('a state came from nowhere', monitor, `${from}, after ${scene.stateName(monitor)}`)
    }
    if (!isWay(was, next)) scene.broken('no way from one state to the other', monitor, `${from} to ${to}`)
    const expected = colourOf(was, next)
    if (code !== expected) scene.broken('another colour', monitor, `${code}, not ${expected}, for ${from} to ${to}`)
    this.#judge(monitor, was, next)
    if (code !== undefined) alerts.expect(monitor, code, at, was === State.UNKNOWN)
    scene.state[monitor] = next
    this.#since[monitor] = scene.clock.now()
    this.#isKept[monitor] = 0
    findings.moved(monitor)
    if (next === State.PENDING || was === State.PENDING || !isChecked(was) || !isChecked(next)) {
      checks.fence(monitor)
      findings.fence(monitor, next === State.PENDING)
    }
    if (next === State.UP) incidents.close(monitor)
    else if (next === State.DEGRADED || next === State.NEEDED || next === State.DOWN) incidents.open(monitor)
    if (next === State.PENDING) interventions.pending(monitor)
  }

  /** Whether a change was due, by what was found. */
  #judge(monitor: number, was: State, next: State): void {
    const { scene, findings, incidents, interventions } = this.#options
    const { check, intervention } = scene.profiles[monitor]!
    const { passes, fails, hasWarned } = findings.of(monitor)
    const must = (isSo: boolean, otherwise: string) => {
      const change = `${STATE_NAMES[was]} to ${STATE_NAMES[next]}`
      if (!isSo) scene.broken('a change without cause', monitor, `${change}: ${otherwise}`)
    }
    if (next === State.UP) {
      const enough = was === State.UNKNOWN && !incidents.isOpen(monitor) ? 1 : check.healthyThreshold
      must(passes >= enough, `${passes} good checks`)
    } else if (next === State.DEGRADED) must(fails > 0 || hasWarned, 'no check failed')
    else if (next === State.NEEDED) {
      must(fails >= check.unhealthyThreshold, `${fails} bad checks`)
      must(intervention !== undefined, 'there is no intervention')
      if (intervention === undefined) return
      must(!interventions.wasMade(monitor), 'there was one')
      must(!interventions.coolsDown(monitor, intervention.coolDownMs), 'it cools down')
      must(!findings.flaps(monitor) || !findings.isSure(monitor), 'it flaps')
    } else if (next === State.OVERDUE) {
      const waitedMs = scene.clock.now() - this.#since[monitor]!
      const isEarly = this.#isKept[monitor] === 0 && waitedMs < this.#options.overdueAfterMs
      must(!isEarly, `it waited ${waitedMs} ms`)
    } else if (next === State.DOWN && was === State.PENDING) {
      const isKept = scene.isStoreSound && !scene.isStopping
      must(interventions.isMade(monitor) ? interventions.hasBecome(monitor, 'refused') : !isKept, 'nothing was refused')
    } else if (next === State.DOWN) {
      must(fails >= (was === State.VERIFYING ? 1 : check.unhealthyThreshold), `${fails} bad checks`)
    } else if (next === State.VERIFYING) must(interventions.hasBecome(monitor, 'accepted'), 'nothing was accepted')
    else if (next === State.HELD) {
      const isLate = interventions.isLate(monitor, intervention?.timeoutMs ?? 0)
      must(interventions.hasBecome(monitor, 'unknown') || isLate || scene.isStopping, 'nothing is unknown')
    } else if (next === State.DISABLED) must(scene.isPaused[monitor] === 1, 'nobody paused it')
  }

  /** A monitor is there, in a state that was kept. */
  entered(monitor: number): void {
    this.#since[monitor] = this.#options.scene.clock.now()
    this.#isKept[monitor] = 1
  }

  /** Who waits for an intervention is not forgotten. */
  #findOverdue(monitor: number): void {
    const { scene, overdueAfterMs } = this.#options
    const waitedMs = scene.clock.now() - this.#since[monitor]!
    if (scene.state[monitor] !== State.NEEDED || scene.isStopping) return
    if (waitedMs > overdueAfterMs + OVERDUE_SLACK_MS) {
      scene.broken('nobody hears of one that waits', monitor, `for ${waitedMs} ms`)
    }
  }

  /** What was found must show in the states. Once all results of a moment are applied. */
  settle(): void {
    const { scene, findings, incidents, alerts } = this.#options
    for (let monitor = findings.takeTouched(); monitor !== undefined; monitor = findings.takeTouched()) {
      if (!scene.isThere(monitor)) continue
      const found = {
        ...findings.of(monitor),
        isTold: incidents.isOpen(monitor) || scene.isTold[monitor] === 1,
      }
      const { check } = scene.profiles[monitor]!
      if (!mayBe(scene.state[monitor]! as State, found, check)) {
        scene.broken('a result was not heard', monitor, `${scene.stateName(monitor)} after ${JSON.stringify(found)}`)
      }
      this.#findOverdue(monitor)
      alerts.findTruth(monitor)
    }
  }
}

function isChecked(state: State): boolean {
  return state !== State.PENDING && state !== State.DISABLED && state !== State.MAINTENANCE
}
