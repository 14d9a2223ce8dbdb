import type { Verdict } from '../../checks/check.ts'
import { State } from '../../lifecycle/states.ts'
import { Happening } from '../history.ts'
import type { Findings } from './findings.ts'
import { GONE, type Scene } from './scene.ts'

export interface CheckWitnessOptions {
  readonly scene: Scene
  readonly findings: Findings
  /** How long after its timeout a check is given up at last, in ms. */
  readonly slackMs: number
}

/** Sees probes begin and end: one at a time of a monitor, none in a state in which it is not checked. It knows which of their results count. */
export class CheckWitness {
  readonly #options: CheckWitnessOptions
  /** The ticket of the check under way, or -1. */
  readonly #probe: Int32Array
  readonly #probeAt: Float64Array
  readonly #probeEpoch: Uint32Array
  /** Counts what makes a check under way one of the past. */
  readonly #epoch: Uint32Array
  /** Begun, in this process and in all. */
  started = 0
  count = 0
  /** That counted. */
  results = 0

  constructor(options: CheckWitnessOptions) {
    this.#options = options
    const count = options.scene.monitors.length
    this.#probe = new Int32Array(count).fill(-1)
    this.#probeAt = new Float64Array(count)
    this.#probeEpoch = new Uint32Array(count)
    this.#epoch = new Uint32Array(count)
  }

  /** A probe is begun. */
  begun(monitor: number, ticket: number, timeoutMs: number): void {
    const { scene } = this.#options
    const now = scene.clock.now()
    const state = scene.state[monitor]!
    this.started++
    this.count++
    scene.history.add(now, monitor, Happening.CHECK, state)
    if (state === GONE || state === State.PENDING || state === State.DISABLED || state === State.MAINTENANCE) {
      scene.broken('checked in a state in which it is not', monitor, scene.stateName(monitor))
    }
    if (this.#probe[monitor] !== -1 && now < this.#probeAt[monitor]! + timeoutMs) {
      scene.broken('two checks at once', monitor, `the other began at ${this.#probeAt[monitor]} ms`)
    }
    this.#probe[monitor] = ticket
    this.#probeAt[monitor] = now
    this.#probeEpoch[monitor] = this.#epoch[monitor]!
  }

  /** A probe that has not ended is asked to: its time is over, by then. */
  asked(monitor: number, dueAt: number): void {
    const { scene, slackMs } = this.#options
    const lateMs = scene.clock.now() - dueAt
    if (lateMs >= 0 && lateMs <= slackMs) return
    scene.broken('asked for its end out of time', monitor, `${lateMs} ms after its timeout`)
  }

  /** A probe is ended: again, or so late that it was given up, if it is not the one under way. */
  ended(monitor: number, ticket: number, verdict: Verdict, begunAt: number, timeoutMs: number): void {
    const { scene, findings, slackMs } = this.#options
    const now = scene.clock.now()
    const isUnderWay = this.#probe[monitor] === ticket && !scene.isStopping && now <= begunAt + timeoutMs + slackMs
    const isHeard = isUnderWay && this.#probeEpoch[monitor] === this.#epoch[monitor] && scene.isThere(monitor)
    scene.history.add(now, monitor, Happening.RESULT, verdict + (isHeard ? 0 : 4))
    if (isUnderWay) this.#probe[monitor] = -1
    if (!isHeard) return
    this.results++
    findings.hear(monitor, verdict)
  }

  /** The check under way is one of the past: its result counts no more. */
  fence(monitor: number): void {
    this.#epoch[monitor]!++
  }

  removed(monitor: number): void {
    this.fence(monitor)
    this.#probe[monitor] = -1
  }

  /** Another process has begun. */
  restarted(): void {
    this.started = 0
    this.#probe.fill(-1)
  }

  /** How long ago the last check began, in ms. */
  ageOf(monitor: number): number {
    return this.#options.scene.clock.now() - this.#probeAt[monitor]!
  }

  /** Checks that may be under way still. */
  young(): number {
    const { scene, slackMs } = this.#options
    const now = scene.clock.now()
    let count = 0
    for (const [monitor, probe] of this.#probe.entries()) {
      if (probe === -1) continue
      const timeoutMs = scene.profiles[monitor]?.check.timeoutMs ?? 0
      if (now <= this.#probeAt[monitor]! + timeoutMs + slackMs) count++
    }
    return count
  }
}
