import { checkInteger } from '@millrace/kernel/options'
import { createPulse } from '../create-pulse.ts'
import { GRACE_MS, TICK_MS } from '../dispatch/check-line.ts'
import { FLAP_THRESHOLDS } from '../lifecycle/flapping.ts'
import type { MonitorBatch, MonitorSpec, Profile } from '../monitors/monitor.ts'
import type { Pulse, PulseOptions } from '../pulse.ts'
import { History } from './history.ts'
import { randomFrom } from './random.ts'
import { ProcessClock, SimulatedClock, settled } from './simulated-clock.ts'
import { checkFaults, NO_FAULTS, type SimulatedFaults } from './simulated-faults.ts'
import { batchesOf, makeMonitors, readMonitors } from './simulated-monitors.ts'
import { SimulatedStore } from './simulated-store.ts'
import { SimulatedWorld } from './simulated-world.ts'
import { type Violation, Witness } from './witness.ts'

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
  readonly pulse?: Omit<PulseOptions, 'clock' | 'kinds' | 'store' | 'logger' | 'deadMan'>
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
/** Between two audits of the books, in checks. */
const AUDIT = 5000
/** Long enough for all that is owed to be told, and for all that hangs to be given up. */
const QUIET_MS = 330_000
/** So many results it takes at most until a monitor does not flap any more, and then some to be well. */
const QUIET_RESULTS = 30
/** Between two looks whether it has come, in ms. */
const CALM_MS = 5000
const MOST_STOPPING_MS = 3000
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
  readonly #random: () => number
  readonly #faults: SimulatedFaults
  readonly #specs: readonly MonitorSpec[]
  readonly #names: readonly string[]
  readonly #clock = new SimulatedClock(EPOCH)
  readonly #history = new History()
  readonly #witness: Witness
  readonly #world: SimulatedWorld
  readonly #store: SimulatedStore
  readonly #pulseOptions: NonNullable<SimulateOptions['pulse']>
  /** Monitors that were there in this process. */
  readonly #wasThere: Uint8Array
  #process = new ProcessClock(this.#clock)
  #pulse!: Pulse
  #turns = 0
  /** Checks begun before all calmed down. */
  #loud: number | undefined
  /** Checks that were under way when their monitors were loaded anew. */
  #gone = 0
  #counts = { crashes: 0, restarts: 0, reloads: 0, clockJumps: 0 }

  constructor(specs: readonly MonitorSpec[], options: SimulateOptions) {
    this.#options = options
    this.#specs = specs
    this.#names = specs.map(({ name }) => name)
    this.#wasThere = new Uint8Array(specs.length)
    this.#seed = checkInteger('simulate', 'seed', options.seed ?? 1, { min: 0, max: 2 ** 32 - 1 })
    this.#random = randomFrom(this.#seed)
    this.#faults = options.faults === 'none' ? { ...NO_FAULTS } : { ...checkFaults(options.faults ?? {}) }
    const places = Math.max(8, Math.ceil(specs.length / 25))
    this.#pulseOptions = {
      maxChecks: places,
      maxInterventions: Math.max(5, Math.ceil(specs.length / 50)),
      maxInterventionsPerMinute: Math.max(20, specs.length),
      laneSizes: { pulse: 100, intervention: Math.max(4, Math.ceil(places / 8)) },
      ...options.pulse,
    }
    const { flapThresholds = FLAP_THRESHOLDS, alertCoolDownMs = 0 } = this.#pulseOptions
    this.#witness = new Witness({
      monitors: specs,
      clock: this.#clock,
      history: this.#history,
      flapThresholds,
      alertCoolDownMs,
      maxInterventions: this.#pulseOptions.maxInterventions ?? 5,
      maxInterventionsPerMinute: this.#pulseOptions.maxInterventionsPerMinute ?? 20,
      graceMs: GRACE_MS,
      slackMs: 2 * TICK_MS,
    })
    const random = this.#random
    this.#world = new SimulatedWorld({
      monitors: specs,
      clock: this.#clock,
      random,
      faults: this.#faults,
      witness: this.#witness,
    })
    this.#store = new SimulatedStore({
      clock: this.#clock,
      random,
      faults: this.#faults,
      onAsked: (changes) => this.#witness.asked(changes),
      onKept: (changes) => this.#witness.keptNow(changes),
      onDone: (isFailing) => {
        this.#witness.isStoreFailing = isFailing
        if (isFailing) this.#witness.storeFailedAt = this.#clock.now()
        this.#witness.isStirred = true
      },
    })
  }

  async run(): Promise<SimulateReport> {
    const { checks, hours, signal, onProgress } = this.#options
    const until = hours === undefined ? Number.POSITIVE_INFINITY : hours * HOUR_MS
    const most = checks ?? (hours === undefined ? 100_000 : Number.POSITIVE_INFINITY)
    await this.#begin()
    const witness = this.#witness
    let nextAudit = AUDIT
    let nextFault = this.#untilFault()
    let told = performance.now()
    while (witness.checks < most && !(signal?.aborted ?? false)) {
      const hasRun = this.#clock.turn(until)
      this.#turns++
      if (witness.isStirred) await this.#calm()
      this.#settle()
      if (witness.violations.length > 0 || this.#clock.now() >= until) break
      // All may be paused: then it is time for somebody to do something.
      if (!hasRun && nextFault === Number.POSITIVE_INFINITY) break
      if (!hasRun) await this.#goWrong()
      if (witness.checks >= nextFault) {
        await this.#goWrong()
        nextFault = witness.checks + this.#untilFault()
      }
      if (witness.checks < nextAudit) continue
      nextAudit = witness.checks + AUDIT
      await this.#audit()
      if (onProgress === undefined || performance.now() - told < PROGRESS_MS) continue
      told = performance.now()
      onProgress(this.#report())
    }
    if (witness.violations.length === 0 && !(signal?.aborted ?? false)) await this.#calmDown()
    this.#process.die()
    return this.#report()
  }

  #report(): SimulateReport {
    const { checks, results, transitions, interventions, deliveries, violations } = this.#witness
    return {
      seed: this.#seed,
      hash: this.#history.hash,
      monitors: this.#specs.length,
      simulatedMs: this.#clock.now(),
      turns: this.#turns,
      checks: this.#loud ?? checks,
      calmChecks: this.#loud === undefined ? 0 : checks - this.#loud,
      results,
      transitions,
      interventions,
      deliveries,
      ...this.#counts,
      violations,
    }
  }

  /** One turn, and all that it stirs up. */
  async #turn(until: number): Promise<boolean> {
    const hasRun = this.#clock.turn(until)
    this.#turns++
    if (this.#witness.isStirred) await this.#calm()
    this.#settle()
    return hasRun
  }

  /** Whatever was promised, and can go on, does. PERF: most turns stir up nothing. */
  #calm(): Promise<void> {
    this.#witness.isStirred = false
    return settled()
  }

  #settle(): void {
    if (this.#clock.nextAt() > this.#clock.now()) this.#witness.settle()
  }

  /** All turns of this moment. */
  async #finishMoment(): Promise<void> {
    await settled()
    while (this.#clock.nextAt() <= this.#clock.now()) {
      await this.#turn(this.#clock.now())
      await settled()
    }
    this.#witness.settle()
  }

  async #pass(ms: number): Promise<void> {
    const until = this.#clock.now() + ms
    while (this.#clock.now() < until && this.#witness.violations.length === 0) await this.#turn(until)
  }

  /** Turns until a promise is done. */
  async #until<Value>(promise: Promise<Value>): Promise<Value> {
    let isDone = false
    const mark = () => {
      isDone = true
    }
    promise.then(mark, mark)
    await settled()
    while (!isDone) {
      this.#witness.isStirred = true
      if (!(await this.#turn(Number.POSITIVE_INFINITY)) && !isDone) {
        await settled()
        if (!isDone && this.#clock.nextAt() === Number.POSITIVE_INFINITY) throw new Error('simulate: nothing goes on')
      }
    }
    return promise
  }

  // Processes.

  async #begin(): Promise<void> {
    const { create = createPulse } = this.#options
    const clock = new ProcessClock(this.#clock, () => {
      this.#witness.isStirred = true
    })
    this.#process = clock
    this.#pulse = create({
      ...this.#pulseOptions,
      clock,
      random: this.#random,
      store: this.#store.openFor(clock),
      kinds: this.#world.kindsFor(clock),
    })
    this.#pulse.onChange(this.#witness.changed)
    this.#wasThere.fill(0)
    await this.#until(this.#pulse.load(this.#batches()))
    this.#witness.restarted()
    for (const [number, profile] of this.#witness.profiles.entries()) if (profile) this.#wasThere[number] = 1
    await this.#until(this.#pulse.start())
    this.#gone = 0
  }

  #batches() {
    return batchesOf((number) => this.#witness.profiles[number], this.#names)
  }

  async #crash(): Promise<void> {
    this.#counts.crashes++
    this.#process.die()
    await this.#store.cut()
    this.#witness.died()
    await this.#pass(Math.floor(this.#random() * 5000))
    await this.#begin()
  }

  async #restart(): Promise<void> {
    this.#counts.restarts++
    await this.#audit()
    this.#witness.isStopping = true
    await this.#until(this.#pulse.stop({ withinMs: MOST_STOPPING_MS }))
    this.#process.die()
    await this.#store.cut()
    this.#witness.died()
    await this.#pass(Math.floor(this.#random() * 5000))
    await this.#begin()
  }

  async #audit(): Promise<void> {
    await this.#finishMoment()
    this.#witness.audit(this.#pulse.metrics, this.#gone)
  }

  // What goes wrong.

  #untilFault(): number {
    const { storeOutages, stalls, clockJumps, crashes, restarts, reloads, actions } = this.#faults
    const each = storeOutages + stalls + clockJumps + crashes + restarts + reloads + actions
    if (each === 0) return Number.POSITIVE_INFINITY
    return Math.ceil((-Math.log(this.#random()) * 1e6) / each)
  }

  async #goWrong(): Promise<void> {
    const { storeOutages, stalls, clockJumps, crashes, restarts, reloads, actions } = this.#faults
    const random = this.#random
    const shares = [actions, storeOutages, stalls, clockJumps, crashes, restarts, reloads]
    let left = random() * shares.reduce((sum, share) => sum + share)
    const which = shares.findIndex((share) => {
      left -= share
      return left < 0
    })
    this.#witness.isStirred = true
    if (which === 1) this.#store.breakDown(Math.floor(random() * 30_000))
    else if (which === 2) this.#world.stall(Math.floor(random() * 10_000))
    else if (which === 3) this.#jump()
    else if (which === 4) await this.#crash()
    else if (which === 5) await this.#restart()
    else if (which === 6) await this.#reload()
    else this.#act()
  }

  #jump(): void {
    const random = this.#random
    this.#counts.clockJumps++
    const size = 100 * 10 ** (random() * 5)
    this.#clock.jump(Math.floor(random() < 0.5 ? size : -size))
  }

  #act(): void {
    const random = this.#random
    const monitor = Math.floor(random() * this.#specs.length)
    const action = Math.floor(random() * 6)
    const witness = this.#witness
    if (!witness.isThere(monitor)) return
    const name = this.#names[monitor]!
    witness.acted(monitor, action)
    if (action === 0) {
      witness.isPaused[monitor] = 1
      this.#pulse.pause(name)
      if (random() < 0.5) return
      witness.isPaused[monitor] = 0
      this.#pulse.resume(name)
    } else if (action <= 2) {
      witness.isPaused[monitor] = 0
      this.#pulse.resume(name)
    } else if (action === 3) {
      this.#pulse.acknowledge(name)
      witness.acknowledged(monitor)
    } else if (action === 4) {
      const ms = Math.floor(random() * 60_000)
      this.#pulse.silence(name, ms)
      witness.silenced(monitor, this.#clock.wallNow() + ms)
    } else this.#pulse.runNow(name)
  }

  async #reload(): Promise<void> {
    const random = this.#random
    const witness = this.#witness
    this.#counts.reloads++
    await this.#audit()
    const next = [...witness.profiles]
    const changes: (() => void)[] = []
    for (let count = Math.ceil(random() * 20); count > 0; count--) {
      const monitor = Math.floor(random() * next.length)
      const { profile } = this.#specs[monitor]!
      const now = next[monitor]
      if (now !== witness.profiles[monitor]) continue
      if (now === undefined) {
        next[monitor] = profile
        changes.push(() => {
          witness.returned(monitor, profile, this.#wasThere[monitor] === 1)
          this.#wasThere[monitor] = 1
        })
      } else if (random() < 0.5) {
        next[monitor] = undefined
        changes.push(() => witness.removed(monitor))
      } else {
        const other = now === profile ? otherProfile(profile) : profile
        next[monitor] = other
        changes.push(() => witness.replaced(monitor, other))
      }
    }
    const before = this.#pulse.metrics.checks.underWay
    const loaded = this.#pulse.load(batchesOf((number) => next[number], this.#names))
    for (const change of changes) change()
    this.#gone += before
    await this.#until(loaded)
  }

  /** Nothing goes wrong any more: what is owed must come, and what hangs must end. */
  async #calmDown(): Promise<void> {
    const faults = this.#faults as { -readonly [Name in keyof SimulatedFaults]: number }
    Object.assign(faults, NO_FAULTS)
    this.#world.heal()
    const witness = this.#witness
    for (const [monitor, name] of this.#names.entries()) {
      if (!witness.isThere(monitor)) continue
      witness.isPaused[monitor] = 0
      witness.silenced(monitor, 0)
      this.#pulse.resume(name)
      this.#pulse.silence(name, 0)
    }
    this.#loud = witness.checks
    witness.isStirred = true
    const longest = this.#specs.reduce((most, { profile }) => Math.max(most, profile.check.intervalMs), 0)
    const until = this.#clock.now() + QUIET_MS + QUIET_RESULTS * longest
    // Who is not checked any more shows after two intervals.
    await this.#pass(2 * longest + CALM_MS)
    while (this.#clock.now() < until && !witness.isAtRest && witness.violations.length === 0) await this.#pass(CALM_MS)
    await this.#audit()
    witness.rest()
  }
}

const others = new WeakMap<Profile, Profile>()

/** What a manifest says of a monitor that it said something else of before. */
function otherProfile(profile: Profile): Profile {
  const known = others.get(profile)
  if (known !== undefined) return known
  const { check } = profile
  const other = { ...profile, check: { ...check, unhealthyThreshold: check.unhealthyThreshold + 1 } }
  others.set(profile, other)
  return other
}
