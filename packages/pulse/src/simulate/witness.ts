import type { Clock } from '@millrace/kernel/clock'
import type { Alert } from '../alerts/channel.ts'
import { Verdict } from '../checks/check.ts'
import type { InterventionOrder, InterventionOutcome } from '../interventions/intervention.ts'
import { CODES, type Code, STATE_NAMES, State, type StateName } from '../lifecycle/states.ts'
import type { MonitorSpec, Profile } from '../monitors/monitor.ts'
import { Flag } from '../monitors/monitor-table.ts'
import type { PulseEvent, PulseMetrics } from '../pulse.ts'
import type { StoreChanges, StoredAlert, StoredMonitor } from '../store/pulse-store.ts'
import { Happening, type History } from './history.ts'
import { colourOf, type Found, isWay, mayBe } from './promises.ts'

/** A promise that was broken. */
export interface Violation {
  /** By the clock of the simulation, in ms. */
  readonly at: number
  readonly rule: string
  readonly monitor: string | undefined
  readonly message: string
  /** What happened to the monitor before, a line each. */
  readonly history: readonly string[]
}

export interface WitnessOptions {
  readonly monitors: readonly MonitorSpec[]
  readonly clock: Clock
  readonly history: History
  readonly flapThresholds: { readonly high: number; readonly low: number }
  readonly alertCoolDownMs: number
  readonly maxInterventions: number
  readonly maxInterventionsPerMinute: number
  /** How long after its timeout a check is given up at first, and then how much later at last, in ms. */
  readonly graceMs: number
  readonly slackMs: number
}

const GONE = 255
const LAST_RESULTS = 21
const RESULTS_MASK = 2 ** LAST_RESULTS - 1
/** So long the truth may take to be told, in ms: longer than any outage of the store. */
const PATIENCE_MS = 120_000
/** So long after a failure of the store what waited for it may still be refused, in ms. */
const AFTERMATH_MS = 10_000
const MINUTE_MS = 60_000
const MOST_KNOWN = 200_000
const MOST_VIOLATIONS = 20
/** What is told of a monitor that is no more. */
const LEFT = 'it is not monitored any more'
const NUMBER_OF = new Map<StateName, State>(STATE_NAMES.map((name, state) => [name, state as State]))

/** What is known of a monitor, if what is kept of it is what there is. */
interface Kept {
  readonly record: StoredMonitor | undefined
  /** What its manifest said then. */
  readonly profile: Profile | undefined
  readonly incident: number
  readonly told: number
  readonly toldOf: number
}

/**
 * Sees all that goes in and out of an engine, and holds that against what is promised, with rules of its own.
 *
 * It knows what the targets answered, what interventions became of, what was kept and what was delivered; of the engine only what anybody can see.
 */
export class Witness {
  readonly violations: Violation[] = []
  readonly #options: WitnessOptions
  readonly #count: number
  readonly #numbers = new Map<string, number>()
  readonly profiles: (Profile | undefined)[]
  readonly state: Uint8Array
  readonly #passes: Uint16Array
  readonly #fails: Uint16Array
  readonly #hasWarned: Uint8Array
  readonly #isHeard: Uint8Array
  /** Counts what makes a check under way one of the past. */
  readonly #epoch: Uint32Array
  readonly #results: Uint32Array
  readonly #isFlapping: Uint8Array
  /** For so many results nobody can say whether it flaps: one may not have been heard. */
  readonly #isUnsure: Uint8Array
  readonly #probe: Int32Array
  readonly #probeAt: Float64Array
  readonly #probeEpoch: Uint32Array
  readonly #incident: Uint32Array
  readonly #isOpen: Uint8Array
  /** The incident in which the last intervention was made. */
  readonly #repaired: Uint32Array
  readonly #repairedAt: Float64Array
  readonly #outcome: Uint8Array
  readonly #runAt: Float64Array
  /** The colour told last, from 1, and the incident it was told of. */
  readonly #told: Uint8Array
  readonly #toldOf: Float64Array
  readonly #untoldSince: Float64Array
  readonly #silencedUntil: Float64Array
  readonly #isAcknowledged: Uint8Array
  readonly isPaused: Uint8Array
  /** Whether people hear of it at all. */
  readonly #isTold: Uint8Array
  readonly #touched: number[] = []
  readonly #due = new Map<number, string[]>()
  readonly #kept = new Map<number, Kept>()
  readonly #snapshots = new WeakMap<StoreChanges, ReadonlyMap<number, Kept>>()
  readonly #outbox = new Map<string, string>()
  /** In the order in which they were asked to be kept. */
  readonly #known = new Map<string, number>()
  readonly #deliveredOf = new Map<string, number>()
  #runs: number[] = []
  #askedCount = 0
  #incidents = 0
  /** Whether anything may be about to go on that was promised. */
  isStirred = true
  /** In this process. */
  started = 0
  isStopping = false
  isStoreFailing = false
  storeFailedAt = Number.NEGATIVE_INFINITY
  checks = 0
  results = 0
  transitions = 0
  interventions = 0
  deliveries = 0

  constructor(options: WitnessOptions) {
    const { monitors } = options
    this.#options = options
    const count = monitors.length
    this.#count = count
    for (const [number, { name }] of monitors.entries()) this.#numbers.set(name, number)
    this.profiles = monitors.map(({ profile }) => profile)
    const bytes = () => new Uint8Array(count)
    const words = () => new Uint32Array(count)
    const times = () => new Float64Array(count)
    this.state = bytes().fill(GONE)
    this.#passes = new Uint16Array(count)
    this.#fails = new Uint16Array(count)
    this.#hasWarned = bytes()
    this.#isHeard = bytes()
    this.#epoch = words()
    this.#results = words()
    this.#isFlapping = bytes()
    this.#isUnsure = bytes()
    this.#probe = new Int32Array(count).fill(-1)
    this.#probeAt = times()
    this.#probeEpoch = words()
    this.#incident = words()
    this.#isOpen = bytes()
    this.#repaired = words()
    this.#repairedAt = times()
    this.#outcome = bytes()
    this.#runAt = times()
    this.#told = bytes()
    this.#toldOf = times()
    this.#untoldSince = times()
    this.#silencedUntil = times()
    this.#isAcknowledged = bytes()
    this.isPaused = bytes()
    this.#isTold = Uint8Array.from(monitors, ({ profile }) => (Object.keys(profile.codes).length > 0 ? 1 : 0))
  }

  numberOf(name: string): number {
    return this.#numbers.get(name) ?? -1
  }

  isThere(monitor: number): boolean {
    return this.state[monitor] !== GONE
  }

  // Checks.

  /** A probe is begun. */
  begun(monitor: number, ticket: number, timeoutMs: number): void {
    const { clock, history, graceMs } = this.#options
    const now = clock.now()
    this.started++
    this.checks++
    history.add(now, monitor, Happening.CHECK, this.state[monitor]!)
    const state = this.state[monitor]!
    if (state === GONE || state === State.PENDING || state === State.DISABLED || state === State.MAINTENANCE) {
      this.#broken('checked in a state in which it is not', monitor, stateName(state))
    }
    if (this.#probe[monitor] !== -1 && now < this.#probeAt[monitor]! + timeoutMs + graceMs) {
      this.#broken('two checks at once', monitor, `the other began at ${this.#probeAt[monitor]} ms`)
    }
    this.#probe[monitor] = ticket
    this.#probeAt[monitor] = now
    this.#probeEpoch[monitor] = this.#epoch[monitor]!
  }

  /** A probe is ended: again, or so late that it was given up, if it is not the one under way. */
  ended(monitor: number, ticket: number, verdict: Verdict, begunAt: number, timeoutMs: number): void {
    const { clock, history, graceMs } = this.#options
    const now = clock.now()
    const isUnderWay = this.#probe[monitor] === ticket && !this.isStopping && now <= begunAt + timeoutMs + graceMs
    const isHeard = isUnderWay && this.#probeEpoch[monitor] === this.#epoch[monitor] && this.state[monitor] !== GONE
    history.add(now, monitor, Happening.RESULT, verdict + (isHeard ? 0 : 4))
    if (isUnderWay) this.#probe[monitor] = -1
    if (!isHeard) return
    this.results++
    this.#hear(monitor, verdict)
  }

  #hear(monitor: number, verdict: Verdict): void {
    if (verdict === Verdict.FAULT) return
    const hasFailed = verdict === Verdict.FAIL
    this.#isHeard[monitor] = 1
    if (hasFailed) {
      this.#fails[monitor]!++
      this.#passes[monitor] = 0
    } else {
      this.#fails[monitor] = 0
      if (verdict === Verdict.PASS) this.#passes[monitor]!++
      else this.#passes[monitor] = 0
    }
    this.#hasWarned[monitor] = verdict === Verdict.WARN ? 1 : 0
    const results = ((this.#results[monitor]! << 1) | (hasFailed ? 1 : 0)) & RESULTS_MASK
    this.#results[monitor] = results
    if (this.#isUnsure[monitor]! > 0) this.#isUnsure[monitor]!--
    const { high, low } = this.#options.flapThresholds
    const was = this.#isFlapping[monitor]!
    if (results !== 0 || was !== 0) {
      const is = changesOf(results) * 5 >= (was === 1 ? low : high) ? 1 : 0
      this.#isFlapping[monitor] = is
      if (is !== was || this.#isTold[monitor] === 1) this.isStirred = true
    }
    this.#touched.push(monitor)
  }

  // The lifecycle.

  /** A monitor went from one state to another. */
  readonly changed = ({ monitor: name, from, to, code, at }: PulseEvent): void => {
    const { clock, history } = this.#options
    const monitor = this.#numbers.get(name)!
    const [was, next] = [NUMBER_OF.get(from)!, NUMBER_OF.get(to)!]
    this.transitions++
    this.isStirred = true
    history.add(clock.now(), monitor, Happening.STATE, next)
    if (this.state[monitor] !== was) {
      this.#broken('a state came from nowhere', monitor, `${from}, after ${stateName(this.state[monitor]!)}`)
    }
    if (!isWay(was, next)) this.#broken('no way from one state to the other', monitor, `${from} to ${to}`)
    const expected = colourOf(was, next)
    if (code !== expected) this.#broken('another colour', monitor, `${code}, not ${expected}, for ${from} to ${to}`)
    this.#judge(monitor, was, next, at)
    if (code !== undefined) this.#expect(monitor, code, at)
    this.state[monitor] = next
    this.#isHeard[monitor] = 0
    if (next === State.PENDING || was === State.PENDING || !isChecked(was) || !isChecked(next))
      this.#fence(monitor, next)
    if (next === State.UP) this.#close(monitor)
    else if (next === State.DEGRADED || next === State.NEEDED || next === State.DOWN) this.#open(monitor)
    if (next === State.PENDING) {
      this.#repairedAt[monitor] = at
      this.#repaired[monitor] = this.#incident[monitor]!
      this.#outcome[monitor] = 0
      this.#runAt[monitor] = -1
    }
  }

  #open(monitor: number): void {
    if (this.#isOpen[monitor] === 1) return
    this.#isOpen[monitor] = 1
    this.#incident[monitor] = ++this.#incidents
    this.#isAcknowledged[monitor] = 0
  }

  #close(monitor: number): void {
    this.#isOpen[monitor] = 0
    this.#isAcknowledged[monitor] = 0
  }

  #fence(monitor: number, next: State): void {
    this.#epoch[monitor]!++
    // One that ended in this moment may be fenced off before it is applied.
    this.#isUnsure[monitor] = LAST_RESULTS
    if (next === State.PENDING) return
    this.#passes[monitor] = 0
    this.#fails[monitor] = 0
    this.#hasWarned[monitor] = 0
  }

  /** Whether a change was due, by what was found. */
  #judge(monitor: number, was: State, next: State, at: number): void {
    const { check, intervention } = this.profiles[monitor]!
    const [passes, fails, hasWarned] = [this.#passes[monitor]!, this.#fails[monitor]!, this.#hasWarned[monitor] === 1]
    const isTooFew = (message: string) =>
      this.#broken('a change without cause', monitor, `${stateName(was)} to ${stateName(next)}: ${message}`)
    if (next === State.UP) {
      const enough = was === State.UNKNOWN && this.#isOpen[monitor] === 0 ? 1 : check.healthyThreshold
      if (passes < enough) isTooFew(`${passes} good checks`)
    } else if (next === State.DEGRADED) {
      if (fails < 1 && !hasWarned) isTooFew('no check failed')
    } else if (next === State.NEEDED) {
      if (fails < check.unhealthyThreshold) isTooFew(`${fails} bad checks`)
      if (intervention === undefined) isTooFew('there is no intervention')
      else {
        if (this.#isOpen[monitor] === 1 && this.#repaired[monitor] === this.#incident[monitor])
          isTooFew('there was one')
        const last = this.#repairedAt[monitor]!
        if (last !== 0 && at >= last && at - last < intervention.coolDownMs) isTooFew('it cools down')
        if (this.#isFlapping[monitor] === 1 && this.#isUnsure[monitor] === 0) isTooFew('it flaps')
      }
    } else if (next === State.DOWN && was === State.PENDING) {
      const isMade = this.#runAt[monitor]! >= 0
      const isKept = this.#isStoreSound && !this.isStopping
      if (isMade ? this.#outcome[monitor] !== 2 : isKept) isTooFew('nothing was refused')
    } else if (next === State.DOWN) {
      if (fails < (was === State.VERIFYING ? 1 : check.unhealthyThreshold)) isTooFew(`${fails} bad checks`)
    } else if (next === State.VERIFYING) {
      if (this.#outcome[monitor] !== 1) isTooFew('nothing was accepted')
    } else if (next === State.HELD) {
      const now = this.#options.clock.now()
      const isLate = this.#runAt[monitor]! < 0 || now - this.#runAt[monitor]! >= intervention!.timeoutMs
      if (this.#outcome[monitor] !== 3 && !isLate && !this.isStopping) isTooFew('nothing is unknown')
    } else if (next === State.DISABLED) {
      if (this.isPaused[monitor] === 0) isTooFew('nobody paused it')
    }
  }

  /** What was found must show in the states. Once all results of a moment are applied. */
  settle(): void {
    for (let monitor = this.#touched.pop(); monitor !== undefined; monitor = this.#touched.pop()) {
      const state = this.state[monitor]!
      if (state === GONE) continue
      const found: Found = {
        passes: this.#passes[monitor]!,
        fails: this.#fails[monitor]!,
        hasWarned: this.#hasWarned[monitor] === 1,
        isHeard: this.#isHeard[monitor] === 1,
        isTold: this.#isOpen[monitor] === 1 || this.#isTold[monitor] === 1,
      }
      const { check } = this.profiles[monitor]!
      if (!mayBe(state as State, found, check)) {
        this.#broken('a result was not heard', monitor, `${stateName(state)} after ${JSON.stringify(found)}`)
      }
      this.#findTruth(monitor)
    }
  }

  // Interventions.

  run(monitor: number, order: InterventionOrder): void {
    const { clock, history, maxInterventions, maxInterventionsPerMinute } = this.#options
    const now = clock.now()
    this.interventions++
    history.add(now, monitor, Happening.INTERVENTION, this.#incident[monitor]!)
    const record = this.#kept.get(monitor)?.record
    if (this.state[monitor] !== State.PENDING) {
      this.#broken('an intervention that is not pending', monitor, stateName(this.state[monitor]!))
    }
    if (record?.state !== State.PENDING || (record.flags & Flag.INTERVENED) === 0) {
      this.#broken('an intervention before it was kept that it is made', monitor, `it is kept as ${record?.state}`)
    }
    if (this.#runAt[monitor]! >= 0) this.#broken('a second intervention', monitor, order.incident)
    this.#runAt[monitor] = now
    this.#runs = this.#runs.filter((at) => now - at < MINUTE_MS)
    this.#runs.push(now)
    // They begin together, and are made as what is kept of them allows.
    const most = maxInterventionsPerMinute + maxInterventions
    if (this.#runs.length > most) this.#broken('a storm', monitor, `${this.#runs.length} in a minute`)
  }

  /** What became of an intervention, as the engine is told now. */
  outcome(monitor: number, outcome: InterventionOutcome): void {
    const { clock, history } = this.#options
    this.isStirred = true
    this.#outcome[monitor] = { accepted: 1, refused: 2, unknown: 3 }[outcome.status]
    history.add(clock.now(), monitor, Happening.OUTCOME, this.#outcome[monitor]!)
  }

  // What is told.

  /** A colour was to be told: it must be kept with the state that tells it. */
  #expect(monitor: number, code: Code, at: number): void {
    const { alertCoolDownMs } = this.#options
    const isSure =
      this.#isUnsure[monitor] === 0 && this.#isFlapping[monitor] === 0 && this.#silencedUntil[monitor]! <= at
    const isTold =
      code === 'green' ? this.#told[monitor] !== 0 : this.#isAcknowledged[monitor] === 0 && alertCoolDownMs === 0
    if (!isSure || !isTold || (this.profiles[monitor]!.codes[code]?.length ?? 0) === 0) return
    const due = this.#due.get(monitor)
    if (due === undefined) this.#due.set(monitor, [`${code} ${at}`])
    else due.push(`${code} ${at}`)
  }

  /** What people were told last must be so, before long. */
  #findTruth(monitor: number): void {
    const { clock, alertCoolDownMs } = this.#options
    const state = this.state[monitor]! as State
    const [wall, now] = [clock.wallNow(), clock.now()]
    const isQuiet =
      this.#silencedUntil[monitor]! > wall ||
      this.#isFlapping[monitor] === 1 ||
      this.#isUnsure[monitor]! > 0 ||
      this.#isAcknowledged[monitor] === 1
    const truth = truthOf(state)
    // One that is down, and needs an intervention only now, was told so.
    const isRed = state === State.NEEDED && CODES[this.#told[monitor]! - 1] === 'red'
    const isTold = truth === undefined || truth === this.#told[monitor] || isRed || !this.#hasGreen(monitor)
    if (isQuiet || isTold || (truth !== 0 && (this.profiles[monitor]!.codes[CODES[truth! - 1]!]?.length ?? 0) === 0)) {
      this.#untoldSince[monitor] = 0
      return
    }
    if (this.#untoldSince[monitor] === 0) this.#untoldSince[monitor] = now
    if (now - this.#untoldSince[monitor]! <= PATIENCE_MS + alertCoolDownMs) return
    const told = CODES[this.#told[monitor]! - 1] ?? 'nothing'
    this.#broken('what was told last is not so', monitor, `${stateName(state)}, and told was ${told}`)
    this.#untoldSince[monitor] = 0
  }

  /** Whether the store has worked for long enough for nothing to wait for it. */
  get #isStoreSound(): boolean {
    return this.#options.clock.now() - this.storeFailedAt > AFTERMATH_MS
  }

  /** Whether people hear of the end: else nobody sees what they know. */
  #hasGreen(monitor: number): boolean {
    return (this.profiles[monitor]?.codes.green?.length ?? 0) > 0
  }

  /** Changes are to be kept. */
  asked(changes: StoreChanges): void {
    if (this.#snapshots.has(changes)) return
    const ids = new Set<string>()
    for (const alert of changes.alerts) if (alert.attempts === 0) this.#asked(alert, ids)
    const snapshot = new Map<number, Kept>()
    const keep = (monitor: number, record: StoredMonitor | undefined) => {
      if (monitor < 0) return
      const [incident, told, toldOf] = [this.#incident[monitor]!, this.#told[monitor]!, this.#toldOf[monitor]!]
      if (record === undefined && told !== 0 && this.#hasGreen(monitor) && this.state[monitor] !== GONE) {
        this.#broken('what was told is forgotten', monitor, CODES[told - 1]!)
      }
      const profile = this.profiles[monitor]
      const isKnown = record !== undefined
      snapshot.set(monitor, { record, profile, incident, told: isKnown ? told : 0, toldOf: isKnown ? toldOf : 0 })
    }
    for (const name of changes.forgotten) keep(this.numberOf(name), undefined)
    for (const record of changes.monitors) keep(this.numberOf(record.name), record)
    this.#snapshots.set(changes, snapshot)
    for (const monitor of snapshot.keys()) {
      const due = this.#due.get(monitor)
      if (due === undefined) continue
      this.#due.delete(monitor)
      if (due.length > 0 && this.#isStoreSound)
        this.#broken('a state is kept without what it tells', monitor, due.join(', '))
    }
  }

  /** @param ids are those that have been met: an alert goes to several places. */
  #asked(alert: Pick<StoredAlert, 'monitor' | 'code' | 'at' | 'incident' | 'reason'>, ids: Set<string>): void {
    const { monitor: name, code, at, incident } = alert
    const monitor = this.numberOf(name)
    const id = `${name}#${incident}/${code}/${at}`
    if (ids.has(id)) return
    ids.add(id)
    // Where the wall clock was set back, two may have the same name.
    this.#known.delete(id)
    this.#known.set(id, ++this.#askedCount)
    if (this.#known.size > MOST_KNOWN) this.#known.delete(this.#known.keys().next().value!)
    const due = this.#due.get(monitor)
    const index = due?.indexOf(`${code} ${at}`) ?? -1
    if (index !== -1) due!.splice(index, 1)
    if (this.state[monitor] === GONE || alert.reason === LEFT) return
    // While the store fails, one of the same colour may take the place of another before either is kept.
    const isSure = this.#isStoreSound && this.#hasGreen(monitor)
    if (isSure && code === 'green' && this.#told[monitor] === 0) this.#broken('green before anything else', monitor, id)
    if (isSure && this.#told[monitor] !== 0 && incident !== this.#toldOf[monitor] && code !== 'gray') {
      this.#broken('an incident has two names', monitor, `${incident} and ${this.#toldOf[monitor]}`)
    }
    this.#told[monitor] = code === 'green' ? 0 : CODES.indexOf(code) + 1
    this.#toldOf[monitor] = incident
  }

  /** Changes are kept. */
  keptNow(changes: StoreChanges): void {
    for (const [monitor, kept] of this.#snapshots.get(changes) ?? []) this.#kept.set(monitor, kept)
    for (const { monitor, code, route } of changes.delivered) this.#outbox.delete(`${code} ${route} ${monitor}`)
    for (const { alert } of changes.dead) this.#outbox.delete(`${alert.code} ${alert.route} ${alert.monitor}`)
    for (const { monitor, code, route, at, attempts } of changes.alerts) {
      if (attempts === 0) this.#outbox.set(`${code} ${route} ${monitor}`, `${monitor} ${code} ${at}`)
    }
  }

  delivered(alert: Alert, channel: number): void {
    const { clock, history } = this.#options
    const monitor = this.numberOf(alert.monitor)
    this.deliveries++
    this.isStirred = true
    history.add(clock.now(), monitor, Happening.DELIVERY, CODES.indexOf(alert.code))
    if (!this.#known.has(alert.id)) {
      // Where the store fails, people hear of it before it is kept, and it may be over by then.
      if (!this.isStoreFailing) this.#broken('told before it was kept', monitor, alert.id)
      const { code, at, reason } = alert
      const incident = Number(alert.incident.split('#').at(-1))
      this.#asked({ monitor: alert.monitor, code, at, reason, incident }, new Set())
    }
    const order = this.#known.get(alert.id)!
    const line = `${channel} ${alert.monitor}`
    const last = this.#deliveredOf.get(line) ?? 0
    if (order <= last && this.#isStoreSound) {
      this.#broken('told again, or out of order', monitor, `${alert.id}, ${order} after ${last}`)
    }
    this.#deliveredOf.set(line, order)
  }

  // What people do.

  acted(monitor: number, action: number): void {
    this.isStirred = true
    this.#options.history.add(this.#options.clock.now(), monitor, Happening.ACTION, action)
  }

  silenced(monitor: number, until: number): void {
    this.#silencedUntil[monitor] = until
  }

  acknowledged(monitor: number): void {
    if (this.#isOpen[monitor] === 1) this.#isAcknowledged[monitor] = 1
  }

  // Processes and manifests.

  /** The process has ended: what its targets answered last counts no more. */
  died(): void {
    this.#touched.length = 0
    this.#due.clear()
  }

  /** Another process has begun: what was kept is what there is. */
  restarted(): void {
    const { clock, history } = this.#options
    history.add(clock.now(), -1, Happening.PROCESS, 0)
    this.started = 0
    this.isStopping = false
    this.isStoreFailing = false
    this.#runs = []
    this.#deliveredOf.clear()
    this.#probe.fill(-1)
    for (let monitor = 0; monitor < this.#count; monitor++) this.entered(monitor)
  }

  /** A monitor is there, as what was kept of it says; or it is not. */
  entered(monitor: number, isFresh = false): void {
    const kept = isFresh ? undefined : this.#kept.get(monitor)
    const record = kept?.record
    this.#epoch[monitor]!++
    this.#isHeard[monitor] = 0
    this.#hasWarned[monitor] = 0
    // Of one that is another now, no result is known.
    const found = kept?.profile === this.profiles[monitor] ? record : undefined
    this.#passes[monitor] = found?.passes ?? 0
    this.#fails[monitor] = found?.failures ?? 0
    this.#results[monitor] = found?.history ?? 0
    const flags = record?.flags ?? 0
    this.isPaused[monitor] = flags & Flag.PAUSED
    this.#isFlapping[monitor] = (flags & Flag.FLAPPING) === 0 ? 0 : 1
    this.#isUnsure[monitor] = 0
    this.#isOpen[monitor] = (flags & Flag.INCIDENT) === 0 ? 0 : 1
    this.#incident[monitor] = kept?.incident ?? 0
    this.#isAcknowledged[monitor] = (flags & Flag.ACKNOWLEDGED) === 0 ? 0 : 1
    this.#repaired[monitor] = (flags & Flag.INTERVENED) === 0 ? 0 : this.#incident[monitor]!
    this.#repairedAt[monitor] = record?.interventionAt ?? 0
    this.#silencedUntil[monitor] = record?.silencedUntil ?? 0
    this.#told[monitor] = kept?.told ?? 0
    this.#toldOf[monitor] = kept?.toldOf ?? 0
    this.#untoldSince[monitor] = 0
    this.#outcome[monitor] = 0
    this.#runAt[monitor] = -1
    this.state[monitor] = this.profiles[monitor] === undefined ? GONE : this.#firstState(monitor, found?.state)
  }

  #firstState(monitor: number, kept: State | undefined): State {
    if (!this.profiles[monitor]!.isEnabled || this.isPaused[monitor] === 1) return State.DISABLED
    return kept === undefined || kept === State.DISABLED || kept === State.MAINTENANCE ? State.UNKNOWN : kept
  }

  /** A monitor is another now. */
  replaced(monitor: number, profile: Profile): void {
    this.profiles[monitor] = profile
    this.#fence(monitor, State.UNKNOWN)
    this.#results[monitor] = 0
    this.#isUnsure[monitor] = 0
    this.#isHeard[monitor] = 0
    this.state[monitor] = this.#firstState(monitor, undefined)
  }

  removed(monitor: number): void {
    this.profiles[monitor] = undefined
    this.state[monitor] = GONE
    this.#epoch[monitor]!++
    this.#probe[monitor] = -1
    this.#due.delete(monitor)
  }

  /** A monitor that was removed is there again: nothing is known of it, unless it was not there in this process before. */
  returned(monitor: number, profile: Profile, isFresh: boolean): void {
    this.profiles[monitor] = profile
    this.entered(monitor, isFresh)
  }

  // The books.

  /** Between two turns. @param gone is how many checks of monitors that are others by now may be under way, at most. */
  audit({ checks, byState, monitors, interventions }: PulseMetrics, gone: number): void {
    const { started, passed, failed, warned, faults, fenced, recovered, underWay } = checks
    const sum = passed + failed + warned + faults + fenced + recovered + underWay
    if (started !== sum) this.#broken('the books of checks', -1, `${started} began, and ${sum} are known of`)
    if (started !== this.started)
      this.#broken('the books of checks', -1, `${started} began, and ${this.started} probes`)
    const counts = new Int32Array(GONE + 1)
    for (const state of this.state) counts[state]!++
    let there = 0
    for (const [state, name] of STATE_NAMES.entries()) {
      there += byState[name]
      if (byState[name] !== counts[state]) {
        this.#broken('the books of states', -1, `${byState[name]} are ${name}, and ${counts[state]} went there`)
      }
    }
    if (there !== monitors) this.#broken('the books of states', -1, `${there} of ${monitors} monitors have a state`)
    if (interventions.underWay > this.#options.maxInterventions) {
      this.#broken('too many interventions at once', -1, String(interventions.underWay))
    }
    const young = this.#young() + gone
    if (underWay > young) this.#broken('a check is stuck', -1, `${underWay} under way, of which ${young} may be`)
  }

  /** Checks that may be under way still. */
  #young(): number {
    const { clock, graceMs, slackMs } = this.#options
    const now = clock.now()
    let count = 0
    for (let monitor = 0; monitor < this.#count; monitor++) {
      if (this.#probe[monitor] === -1) continue
      const timeoutMs = this.profiles[monitor]?.check.timeoutMs ?? 0
      if (now <= this.#probeAt[monitor]! + timeoutMs + graceMs + slackMs) count++
    }
    return count
  }

  /** Whether all is well, and everybody knows. */
  get isAtRest(): boolean {
    const isWell = (state: number, monitor: number) =>
      !this.#isAwaited(monitor) || (state === State.UP && (this.#told[monitor] === 0 || !this.#hasGreen(monitor)))
    return this.state.every(isWell) && this.#outbox.size === 0
  }

  /** Whether a monitor is to be well where nothing goes wrong. */
  #isAwaited(monitor: number): boolean {
    const state = this.state[monitor]!
    return state !== GONE && state !== State.MAINTENANCE && this.profiles[monitor]!.isEnabled
  }

  /** Nothing has gone wrong for long: all is well, and everybody knows. */
  rest(): void {
    for (let monitor = 0; monitor < this.#count; monitor++) {
      const state = this.state[monitor]!
      if (!this.#isAwaited(monitor)) continue
      const age = this.#options.clock.now() - this.#probeAt[monitor]!
      if (age > 2 * this.profiles[monitor]!.check.intervalMs)
        this.#broken('not checked any more', monitor, `for ${age} ms`)
      if (state !== State.UP) this.#broken('stuck', monitor, stateName(state))
      if (this.#told[monitor] !== 0 && this.#hasGreen(monitor))
        this.#broken('the end was not told', monitor, CODES[this.#told[monitor]! - 1]!)
    }
    for (const alert of this.#outbox.values()) this.#broken('an alert was not delivered', -1, alert)
  }

  #broken(rule: string, monitor: number, message: string): void {
    if (this.violations.length >= MOST_VIOLATIONS) return
    const { clock, history, monitors } = this.#options
    this.violations.push({
      at: clock.now(),
      rule,
      monitor: monitors[monitor]?.name,
      message,
      history: history.linesOf(monitor),
    })
  }
}

function isChecked(state: State): boolean {
  return state !== State.PENDING && state !== State.DISABLED && state !== State.MAINTENANCE
}

function stateName(state: number): string {
  return STATE_NAMES[state] ?? 'gone'
}

/** The colour that must have been told last in a state, from 1; 0 where nothing must; undefined where anything may. */
function truthOf(state: State): number | undefined {
  if (state === State.UP) return 0
  if (state === State.DEGRADED || state === State.NEEDED) return CODES.indexOf('yellow') + 1
  if (state === State.DOWN) return CODES.indexOf('red') + 1
  if (state === State.HELD) return CODES.indexOf('gray') + 1
  if (state === State.VERIFYING) return CODES.indexOf('cyan') + 1
  return undefined
}

function changesOf(results: number): number {
  let changes = 0
  // PERF: drops the lowest bit that is set, as long as there is one.
  for (let bits = (results ^ (results >>> 1)) & (RESULTS_MASK >>> 1); bits !== 0; bits &= bits - 1) changes++
  return changes
}
