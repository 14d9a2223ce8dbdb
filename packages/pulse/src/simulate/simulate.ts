import { checkInteger } from '@millrace/kernel/options'
import { seededRandom } from '@millrace/kernel/seeded-random'
import { createPulse } from '../create-pulse.ts'
import { TICK_MS } from '../dispatch/check-line.ts'
import { FLAP_THRESHOLDS } from '../lifecycle/flapping.ts'
import type { MonitorBatch, MonitorSpec } from '../monitors/monitor.ts'
import type { Pulse, PulseOptions } from '../pulse.ts'
import { History } from './history.ts'
import { Mishaps } from './mishaps.ts'
import { SimulatedClock } from './simulated-clock.ts'
import { checkFaults, NO_FAULTS, type SimulatedFaults } from './simulated-faults.ts'
import { makeMonitors, readMonitors } from './simulated-monitors.ts'
import { type EngineOptions, SimulatedProcesses } from './simulated-processes.ts'
import { SimulatedStore } from './simulated-store.ts'
import { SimulatedWorld } from './simulated-world.ts'
import { Turns } from './turns.ts'
import type { Violation } from './witness/scene.ts'
import { Witness } from './witness/witness.ts'

export interface SimulateOptions {
  /** An integer: the same for the same simulation, to the last bit. @default 1 */
  readonly seed?: number
  /** Monitors of a manifest, or how many are made up. Those of a manifest keep all but their targets. @default 1000 */
  readonly monitors?: number | AsyncIterable<MonitorBatch> | Iterable<MonitorBatch>
  /** It ends after so many checks. @default 100000, or none where `hours` are given */
  readonly checks?: number
  /** It ends after so many simulated hours. @default none */
  readonly hours?: number
  /** What goes wrong, and how often; or nothing. @default so much that every state is met often */
  readonly faults?: Partial<SimulatedFaults> | 'none'
  /** Of the engine. @default few places, so that queues run full */
  readonly pulse?: EngineOptions
  /** Ends it early, between two turns. */
  readonly signal?: AbortSignal
  /** Called about once a second. */
  readonly onProgress?: (report: SimulateReport) => void
  /** The engine. @default the one there is */
  readonly create?: (options: PulseOptions) => Pulse
}

/** What came of a simulation. */
export interface SimulateReport {
  readonly seed: number
  /** Of all that happened, in its order. */
  readonly hash: string
  readonly monitors: number
  readonly simulatedMs: number
  readonly turns: number
  /** Begun before all calmed down, and then. */
  readonly checks: number
  readonly calmChecks: number
  /** Results that counted. */
  readonly results: number
  /** Changes of states. */
  readonly transitions: number
  readonly interventions: number
  readonly deliveries: number
  readonly crashes: number
  readonly restarts: number
  readonly reloads: number
  readonly clockJumps: number
  /** Promises that were broken: none. */
  readonly violations: readonly Violation[]
}

const EPOCH = Date.UTC(2026, 0, 1)
const HOUR_MS = 3_600_000
/** Between two audits of the books, in checks; and in ms, for an engine that begins none any more. */
const AUDIT = 5000
const AUDIT_MS = 600_000
/** Long enough for all that is owed to be told, and for all that hangs to be given up. */
const QUIET_MS = 330_000
/** So many results it takes at most until a monitor does not flap any more, and then some to be well. */
const QUIET_RESULTS = 30
/** Between two looks whether it has come, in ms. */
const CALM_MS = 5000
const PROGRESS_MS = 1000

/**
 * Runs the engine on a clock of its own, on targets that fall ill, in a process that dies, with a store that fails: all as `seed` has it, and as fast as it goes. What
 * is promised of the engine is checked between its turns. In the end nothing goes wrong any more, and all that is owed must come.
 *
 * @throws {MillraceError} `OPTION_INVALID`. Violations are not thrown.
 */
export async function simulate(options: SimulateOptions = {}): Promise<SimulateReport> {
  const { monitors = 1000 } = options
  const made = typeof monitors === 'number'
  const specs = made
    ? makeMonitors(checkInteger('simulate', 'monitors', monitors, { min: 1, max: 2 ** 20 }))
    : await readMonitors(monitors)
  return new Simulation(specs, options).run()
}

class Simulation {
  readonly #options: SimulateOptions
  readonly #seed: number
  readonly #faults: SimulatedFaults
  readonly #monitors: readonly MonitorSpec[]
  readonly #clock = new SimulatedClock(EPOCH)
  readonly #history = new History()
  readonly #witness: Witness
  readonly #world: SimulatedWorld
  readonly #turns: Turns
  readonly #processes: SimulatedProcesses
  readonly #mishaps: Mishaps
  /** Checks begun before all calmed down. */
  #loud: number | undefined

  constructor(monitors: readonly MonitorSpec[], options: SimulateOptions) {
    const { create = createPulse } = options
    this.#options = options
    this.#monitors = monitors
    this.#seed = checkInteger('simulate', 'seed', options.seed ?? 1, { min: 0, max: 2 ** 32 - 1 })
    const faults = options.faults === 'none' ? { ...NO_FAULTS } : { ...checkFaults(options.faults ?? {}) }
    const pulse = engineOptions(monitors.length, options.pulse)
    const clock = this.#clock
    const witness = new Witness({
      monitors,
      clock,
      history: this.#history,
      flapThresholds: pulse.flapThresholds ?? FLAP_THRESHOLDS,
      alertCoolDownMs: pulse.alertCoolDownMs ?? 0,
      maxInterventions: pulse.maxInterventions,
      overdueAfterMs: pulse.overdueAfterMs,
      maxInterventionsPerMinute: pulse.maxInterventionsPerMinute,
      slackMs: TICK_MS,
    })
    const random = seededRandom(this.#seed)
    const world = new SimulatedWorld({ monitors, clock, random, faults, witness })
    const store = new SimulatedStore({ clock, random, faults, witness })
    const turns = new Turns(clock, witness)
    const names = monitors.map(({ name }) => name)
    const processes = new SimulatedProcesses({ names, clock, random, world, store, witness, turns, pulse, create })
    this.#faults = faults
    this.#witness = witness
    this.#world = world
    this.#turns = turns
    this.#processes = processes
    this.#mishaps = new Mishaps({ monitors, clock, random, faults, world, store, witness, processes })
  }

  async run(): Promise<SimulateReport> {
    const { checks, hours, signal, onProgress } = this.#options
    const until = hours === undefined ? Number.POSITIVE_INFINITY : hours * HOUR_MS
    const most = checks ?? (hours === undefined ? 100_000 : Number.POSITIVE_INFINITY)
    await this.#processes.begin()
    const { scene, checks: seen } = this.#witness
    const [turns, mishaps] = [this.#turns, this.#mishaps]
    let nextAudit = AUDIT
    let nextAuditAt = AUDIT_MS
    let nextMishap = mishaps.untilNext()
    let told = performance.now()
    while (seen.count < most && !(signal?.aborted ?? false)) {
      const hasRun = turns.begin(until)
      if (scene.isStirred) await turns.calm()
      turns.settle()
      if (scene.violations.length > 0 || this.#clock.now() >= until) break
      // All may be paused: then it is time for somebody to do something.
      if (!hasRun && nextMishap === Number.POSITIVE_INFINITY) break
      if (!hasRun) await mishaps.happen()
      if (seen.count >= nextMishap) {
        await mishaps.happen()
        nextMishap = seen.count + mishaps.untilNext()
      }
      if (seen.count < nextAudit && this.#clock.now() < nextAuditAt) continue
      nextAudit = seen.count + AUDIT
      nextAuditAt = this.#clock.now() + AUDIT_MS
      await this.#processes.audit()
      if (onProgress === undefined || performance.now() - told < PROGRESS_MS) continue
      told = performance.now()
      onProgress(this.#report())
    }
    if (scene.violations.length === 0 && !(signal?.aborted ?? false)) await this.#calmDown()
    this.#processes.end()
    return this.#report()
  }

  #report(): SimulateReport {
    const { scene, checks, states, interventions, alerts } = this.#witness
    return {
      seed: this.#seed,
      hash: this.#history.hash,
      monitors: this.#monitors.length,
      simulatedMs: this.#clock.now(),
      turns: this.#turns.count,
      checks: this.#loud ?? checks.count,
      calmChecks: this.#loud === undefined ? 0 : checks.count - this.#loud,
      results: checks.results,
      transitions: states.count,
      interventions: interventions.count,
      deliveries: alerts.count,
      ...this.#processes.counts,
      clockJumps: this.#mishaps.clockJumps,
      violations: scene.violations,
    }
  }

  /** Nothing goes wrong any more: what is owed must come, and what hangs must end. */
  async #calmDown(): Promise<void> {
    Object.assign(this.#faults, NO_FAULTS)
    this.#world.heal()
    const { scene, checks, alerts, books } = this.#witness
    const { pulse } = this.#processes
    for (const [monitor, { name }] of this.#monitors.entries()) {
      if (!scene.isThere(monitor)) continue
      scene.isPaused[monitor] = 0
      alerts.silenced(monitor, 0)
      pulse.resume(name)
      pulse.silence(name, 0)
    }
    this.#loud = checks.count
    scene.isStirred = true
    const longest = this.#monitors.reduce((most, { profile }) => Math.max(most, profile.check.intervalMs), 0)
    const until = this.#clock.now() + QUIET_MS + QUIET_RESULTS * longest
    const isOver = () => this.#clock.now() >= until || books.isAtRest || scene.violations.length > 0
    // Who is not checked any more shows after two intervals.
    await this.#turns.pass(2 * longest + CALM_MS)
    while (!isOver()) await this.#turns.pass(CALM_MS)
    await this.#processes.audit()
    books.rest()
  }
}

/** So few places that queues run full, where nothing else is said. */
function engineOptions(monitors: number, given: EngineOptions | undefined) {
  const places = Math.max(8, Math.ceil(monitors / 25))
  return {
    maxChecks: places,
    maxInterventions: Math.max(5, Math.ceil(monitors / 50)),
    maxInterventionsPerMinute: Math.max(20, monitors),
    overdueAfterMs: 3000,
    laneSizes: { pulse: 100, intervention: Math.max(4, Math.ceil(places / 8)) },
    ...given,
  }
}
