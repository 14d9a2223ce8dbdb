import { MillraceError } from '@millrace/kernel/errors'
import { checkNumber } from '@millrace/kernel/options'
import { AlertDelivery } from './alerts/alert-delivery.ts'
import { AlertDesk } from './alerts/alert-desk.ts'
import type { Channel } from './alerts/channel.ts'
import { OpenChannels } from './alerts/open-channels.ts'
import { type RedriveQuery, type RedriveReport, Redriver } from './alerts/redriver.ts'
import { incidentId, toldAlert } from './alerts/told-alert.ts'
import { type Prober, Verdict } from './checks/check.ts'
import { BodyEvaluator } from './checks/evaluate-body.ts'
import { BeatKeeper } from './checks/heartbeat/beat-keeper.ts'
import { CheckLine } from './dispatch/check-line.ts'
import { ResultLine } from './dispatch/result-line.ts'
import { soonBy } from './host/soon.ts'
import { InterventionLine } from './interventions/intervention-line.ts'
import { OverdueWatch } from './interventions/overdue-watch.ts'
import { isChecked } from './lifecycle/lifecycle.ts'
import { Event, STATE_NAMES, type State, type StateName } from './lifecycle/states.ts'
import { Ward } from './lifecycle/ward.ts'
import type { MonitorBatch } from './monitors/monitor.ts'
import { Flag, MonitorTable } from './monitors/monitor-table.ts'
import { numbersOf, viewOf } from './monitors/monitor-view.ts'
import { Numbering } from './monitors/numbering.ts'
import { ProfileTable } from './monitors/profile-table.ts'
import { Roster } from './monitors/roster.ts'
import { storedOf } from './monitors/stored-monitor.ts'
import { CheckMeter } from './observe/check-meter.ts'
import { DeadMan } from './observe/dead-man.ts'
import { FaultWatch } from './observe/fault-watch.ts'
import type { LoadReport, MonitorQuery, MonitorView, Pulse, PulseEvent, PulseMetrics, PulseOptions } from './pulse.ts'
import { type CheckedOptions, checkOptions } from './pulse-options.ts'
import { MaintenanceWatch } from './schedule/maintenance-watch.ts'
import { CommitLine } from './store/commit-line.ts'
import type { StoredAlert } from './store/pulse-store.ts'

/**
 * Makes a pulse: monitors are loaded, it is started, and from then on each is checked at its slots.
 *
 * - Nothing happens to a monitor but through the table of the lifecycle; at most one check of it is under way, at most one intervention in an incident.
 * - What has been told, done and found is durable before anybody is told, or anything done, on the strength of it.
 * - Alerts are delivered at least once, or are dead letters.
 *
 * @throws {MillraceError} `OPTION_INVALID`.
 */
export function createPulse(options: PulseOptions = {}): Pulse {
  return new PulseSystem(checkOptions(options))
}

/** A commit takes so long at most, where the disk is well. */
const LEAST_COMMIT_MS = 1000
/** Who redrives waits so long for the disk. */
const REDRIVE_MS = 10_000
/** A century. */
const MAX_SILENCE_MS = 3_155_760_000_000

type PulseState = 'idle' | 'starting' | 'running' | 'stopped'

/** Wheel, lanes, slots and probers bring results; the ward decides; lines of interventions, alerts and commits do what it asks: a file each, and this says who hears whom. */
class PulseSystem implements Pulse {
  readonly #options: CheckedOptions
  readonly #table = new MonitorTable()
  readonly #profiles = new ProfileTable()
  readonly #meter: CheckMeter
  readonly #probers: ReadonlyMap<string, Prober>
  readonly #bodies = new BodyEvaluator()
  readonly #results: ResultLine
  readonly #checks: CheckLine
  readonly #ward: Ward
  readonly #numbering: Numbering
  readonly #interventions: InterventionLine
  readonly #overdue: OverdueWatch
  readonly #desk: AlertDesk
  readonly #delivery: AlertDelivery
  readonly #commits: CommitLine
  readonly #faults: FaultWatch
  readonly #maintenance: MaintenanceWatch
  readonly #channels: OpenChannels
  readonly #deadMan: DeadMan | undefined
  readonly #roster: Roster
  readonly #beatKeeper: BeatKeeper
  readonly #redriver: Redriver
  #state: PulseState = 'idle'
  #loading: Promise<unknown> = Promise.resolve()
  #stopping: Promise<void> | undefined
  #delivered = 0
  #retried = 0
  #dead = 0

  constructor(options: CheckedOptions) {
    this.#options = options
    const { clock, logger, store, laneSizes, maxChecks, kinds } = options
    const table = this.#table
    const profiles = this.#profiles
    const changed = (monitor: number) => this.#commits.changed(monitor)
    const context = {
      end: (ticket: number, verdict: Verdict, latencyMs: number, reason: string | undefined) =>
        this.#checks.ended(ticket, verdict, latencyMs, reason),
      evaluate: this.#bodies.evaluate,
    }
    this.#meter = new CheckMeter(clock)
    this.#faults = new FaultWatch(clock, logger)
    this.#numbering = new Numbering(clock)
    const numbering = this.#numbering
    this.#probers = new Map([...kinds.checks].map(([type, kind]) => [type, kind.createProber(context)]))
    this.#results = new ResultLine({
      max: maxChecks,
      now: () => clock.now(),
      defer: soonBy(clock),
      apply: (monitor, generation, verdict, latencyMs, reason) =>
        this.#apply(monitor, generation, verdict, latencyMs, reason),
    })
    this.#checks = new CheckLine({
      table,
      profiles,
      kinds: kinds.checks,
      probers: this.#probers,
      clock,
      meter: this.#meter,
      maxChecks,
      maxChecksPerHost: options.maxChecksPerHost,
      laneSize: laneSizes.pulse,
      waitingResults: () => this.#results.size,
      onResult: (...result) => this.#results.push(...result),
      onRecovered: (monitor) => this.#fault(monitor, 'it did not end in its time, nor say so'),
      onLeft: (monitor) => table.free(monitor),
      onWallJump: () => this.#roster.keepTimes(),
    })
    this.#commits = new CommitLine({
      store,
      clock,
      logger,
      recordOf: (monitor) => storedOf(monitor, table, this.#roster.saidOf(monitor), clock),
      nameOf: (monitor) => table.nameOf(monitor),
      lastNumber: () => numbering.last,
      onAlerts: (alerts) => {
        for (const alert of alerts) this.#delivery.add(alert)
      },
    })
    this.#desk = new AlertDesk({
      table,
      profiles,
      clock,
      numbering,
      coolDownMs: options.alertCoolDownMs,
      send: (alert) => this.#commits.alert(alert),
      settle: (key) => this.#commits.delivered(key),
      changed,
    })
    this.#channels = new OpenChannels(kinds.channels)
    this.#delivery = new AlertDelivery({
      clock,
      random: options.random,
      channelOf: (alert) => this.#channelOf(alert),
      toldOf: (alert) => toldAlert(alert, this.#roster.profileOf(alert.monitor)?.tags ?? []),
      onDelivered: (alert) => {
        this.#delivered++
        this.#roster.settled(alert)
      },
      onRetry: (alert, error) => {
        this.#retried++
        if (alert.attempts > 0) this.#commits.alert(alert)
        logger?.warn(
          { monitor: alert.monitor, code: alert.code, channel: alert.channel, attempts: alert.attempts, error },
          'an alert was not delivered',
        )
      },
      onDead: (alert, error) => {
        this.#dead++
        logger?.error(
          { monitor: alert.monitor, code: alert.code, channel: alert.channel, error },
          'an alert will not be delivered',
        )
        this.#commits.dead(alert, error)
        this.#roster.settled(alert)
      },
    })
    this.#interventions = new InterventionLine({
      table,
      profiles,
      kinds: kinds.interventions,
      clock,
      logger,
      laneSize: laneSizes.intervention,
      maxUnderWay: options.maxInterventions,
      maxPerMinute: options.maxInterventionsPerMinute,
      incidentOf: (monitor) => incidentId(table.nameOf(monitor), table.remember(monitor).incident),
      numbering,
      happen: (monitor, event, reason) => this.#ward.happen(monitor, event, reason),
      durable: (monitor, withinMs) => this.#commits.durable(withinMs, monitor),
    })
    this.#overdue = new OverdueWatch({
      table,
      clock,
      afterMs: options.overdueAfterMs,
      happen: (monitor, event, reason) => this.#ward.happen(monitor, event, reason),
    })
    this.#ward = new Ward({
      table,
      profiles,
      clock,
      numbering,
      flapThresholds: options.flapThresholds,
      schedule: (monitor) => {
        this.#checks.schedule(monitor)
        this.#probers.get(profiles.get(table.profile[monitor]!).check.type)?.entered?.(table.targetOf(monitor))
      },
      unschedule: (monitor) => {
        this.#checks.unschedule(monitor)
        this.#faults.left(monitor)
      },
      needed: (monitor) => this.#overdue.needed(monitor),
      intervene: (monitor) => this.#interventions.ask(monitor),
      withdraw: (monitor) => this.#interventions.withdraw(monitor),
      tell: (monitor, code, reason, at) => this.#desk.tell(monitor, code, reason, at),
      announce: (monitor, code, reason, at) => this.#desk.announce(monitor, code, reason, at),
      remind: (monitor, at) => this.#desk.remind(monitor, at),
      changed,
    })
    this.#maintenance = new MaintenanceWatch({
      table,
      profiles,
      clock,
      happen: (monitor, event, reason) => this.#ward.happen(monitor, event, reason),
    })
    this.#roster = new Roster({
      table,
      profiles,
      kinds,
      clock,
      logger,
      ward: this.#ward,
      desk: this.#desk,
      delivery: this.#delivery,
      commits: this.#commits,
      maintenance: this.#maintenance,
      isRunning: () => this.#state === 'running',
      askAgain: (monitor) => {
        this.#overdue.needed(monitor)
        this.#interventions.ask(monitor)
      },
    })
    this.#redriver = new Redriver({
      table,
      store,
      clock,
      desk: this.#desk,
      routeOf: (alert) => this.#roster.routeOf(alert),
      redrive: (id, alert) => this.#commits.redrive(id, alert),
      durable: () => this.#commits.durable(REDRIVE_MS),
    })
    this.#beatKeeper = new BeatKeeper({
      beats: kinds.beats,
      clock,
      keep: (beats, until) => this.#commits.heard(beats, until),
    })
    this.#deadMan =
      options.deadMan &&
      new DeadMan({
        ...options.deadMan,
        clock,
        logger,
        isWell: () => this.#commits.failure === undefined && this.#faults.reasons.length === 0,
      })
  }

  load(batches: AsyncIterable<MonitorBatch> | Iterable<MonitorBatch>): Promise<LoadReport> {
    // One after the other.
    const loaded = this.#loading.then(() => this.#roster.load(batches))
    this.#loading = loaded.catch(() => {})
    return loaded
  }

  start(): Promise<void> {
    if (this.#state !== 'idle') {
      return Promise.reject(new MillraceError('PULSE_STARTED', 'Pulse: it was started before; make another'))
    }
    this.#state = 'starting'
    const started = this.#loading.then(() => this.#start())
    this.#loading = started.catch(() => {})
    return started
  }

  async #start(): Promise<void> {
    const { kinds, store } = this.#options
    const { monitors, alerts, lastNumber, beats, heardUntil } = await store.open()
    if (this.#state === 'stopped') return
    this.#numbering.goOnAfter(lastNumber)
    kinds.beats.restore(beats, heardUntil)
    this.#state = 'running'
    this.#commits.start(monitors.map(({ name }) => name))
    this.#roster.open(monitors, alerts)
    this.#beatKeeper.start()
    this.#maintenance.start()
    this.#interventions.start()
    this.#checks.start()
    this.#deadMan?.start()
  }

  stop(options: { readonly withinMs?: number } = {}): Promise<void> {
    this.#stopping ??= this.#stop(options.withinMs ?? 10_000)
    return this.#stopping
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.stop()
  }

  find(name: string): MonitorView | undefined {
    const number = this.#table.find(name)
    return number < 0 ? undefined : this.#viewOf(number)
  }

  list(query: MonitorQuery = {}): readonly MonitorView[] {
    return Array.from(numbersOf(query, this.#table, this.#profiles), (number) => this.#viewOf(number))
  }

  #viewOf(number: number): MonitorView {
    return viewOf(number, this.#table, this.#profiles, this.#options.clock, this.#faults.reasonOf(number))
  }

  pause(name: string): void {
    const monitor = this.#numberOf(name)
    this.#table.flags[monitor]! |= Flag.PAUSED
    if (this.#state !== 'running') this.#table.state[monitor] = this.#roster.firstState(monitor)
    else this.#ward.happen(monitor, Event.DISABLE, 'it was paused')
    this.#commits.changed(monitor)
  }

  resume(name: string): void {
    const monitor = this.#numberOf(name)
    this.#table.flags[monitor]! &= ~Flag.PAUSED
    this.#commits.changed(monitor)
    if (this.#state !== 'running') this.#table.state[monitor] = this.#roster.firstState(monitor)
    if (this.#state !== 'running' || !this.#profiles.get(this.#table.profile[monitor]!).isEnabled) return
    this.#ward.happen(monitor, Event.ENABLE, 'it was resumed')
    this.#maintenance.entered(monitor)
  }

  acknowledge(name: string): void {
    const monitor = this.#numberOf(name)
    if ((this.#table.flags[monitor]! & Flag.INCIDENT) === 0) return
    this.#table.flags[monitor]! |= Flag.ACKNOWLEDGED
    this.#commits.changed(monitor)
  }

  silence(name: string, ms: number): void {
    const monitor = this.#numberOf(name)
    checkNumber('Pulse.silence', 'ms', ms, { min: 0, max: MAX_SILENCE_MS })
    this.#table.remember(monitor).silencedUntil = this.#options.clock.now() + ms
    this.#commits.changed(monitor)
  }

  runNow(name: string): boolean {
    const monitor = this.#numberOf(name)
    return isChecked(this.#table.state[monitor] as State) && this.#checks.runNow(monitor)
  }

  beat(name: string): void {
    this.#numberOf(name)
    this.#options.kinds.beats.beat(name)
  }

  redrive(query: RedriveQuery = {}): Promise<RedriveReport> {
    return this.#redriver.redrive(query)
  }

  onChange(listener: (event: PulseEvent) => void): () => void {
    return this.#ward.onChange(listener)
  }

  get metrics(): PulseMetrics {
    const { accepted, refused, unknown, underWay, waiting, isStorm, delayMs } = this.#interventions
    const { byState } = this.#ward
    return {
      monitors: this.#table.size,
      byState: Object.fromEntries(STATE_NAMES.map((name, state) => [name, byState[state]!])) as Record<
        StateName,
        number
      >,
      // Until its result is applied, a check is under way.
      checks: this.#meter.counts(this.#checks.underWay + this.#results.size, this.#checks.waiting),
      latenessMs: this.#meter.latenessMs,
      latencyMs: this.#meter.latencyMs,
      interventionDelayMs: delayMs.percentiles,
      interventions: { accepted, refused, unknown, underWay, waiting, isStorm },
      alerts: {
        delivered: this.#delivered,
        retried: this.#retried,
        dead: this.#dead,
        suppressed: this.#desk.suppressed,
        waiting: this.#desk.waiting,
      },
      batchSize: this.#checks.batchSize,
    }
  }

  get health(): { readonly isHealthy: boolean; readonly reasons: readonly string[] } {
    const reasons: string[] = []
    if (this.#state !== 'running') reasons.push('it does not run')
    reasons.push(...this.#faults.reasons)
    if (this.#commits.failure !== undefined) reasons.push(`state is not kept: ${this.#commits.failure}`)
    if (this.#deadMan?.failure !== undefined) reasons.push(`the dead-man ping fails: ${this.#deadMan.failure}`)
    return { isHealthy: reasons.length === 0, reasons }
  }

  #apply(monitor: number, generation: number, verdict: Verdict, latencyMs: number, reason: string | undefined): void {
    const table = this.#table
    if (generation !== table.generation[monitor]) {
      this.#meter.fenced++
      return
    }
    this.#meter.ended(verdict, latencyMs)
    // Without a reason it is no fault: there is nothing to be said yet.
    if (verdict !== Verdict.FAULT) this.#faults.made(monitor, this.#profiles.get(table.profile[monitor]!).check.type)
    else if (reason !== undefined) this.#fault(monitor, reason)
    table.latencyMs[monitor] = latencyMs
    this.#ward.observe(monitor, verdict, reason)
  }

  #fault(monitor: number, reason: string): void {
    const { type } = this.#profiles.get(this.#table.profile[monitor]!).check
    this.#faults.fault(monitor, this.#table.nameOf(monitor), type, reason)
  }

  #channelOf(alert: StoredAlert): Channel | undefined {
    const route = this.#roster.routeOf(alert)
    return route && this.#channels.of(route)
  }

  #numberOf(name: string): number {
    const number = this.#table.find(name)
    if (number < 0) {
      throw new MillraceError('MONITOR_UNKNOWN', `There is no monitor named ${JSON.stringify(name)}`, {
        detail: { name },
      })
    }
    return number
  }

  async #stop(withinMs: number): Promise<void> {
    const { store, clock } = this.#options
    const until = clock.now() + withinMs
    const leftMs = () => Math.max(0, until - clock.now())
    const wasRunning = this.#state === 'running'
    this.#state = 'stopped'
    await this.#loading
    this.#checks.stop()
    this.#maintenance.stop()
    this.#overdue.stop()
    this.#deadMan?.stop()
    if (wasRunning) {
      this.#beatKeeper.stop()
      this.#results.flush()
      await this.#interventions.stop(leftMs())
      await this.#commits.durable(leftMs())
      await this.#delivery.drain(leftMs())
      // What was done and told meanwhile is kept, even if there is no time for it.
      await this.#commits.durable(Math.max(leftMs(), LEAST_COMMIT_MS))
    }
    this.#commits.stop()
    await Promise.all([...this.#probers.values()].map((prober) => prober[Symbol.asyncDispose]()))
    await this.#bodies[Symbol.asyncDispose]()
    await this.#channels[Symbol.asyncDispose]()
    await store[Symbol.asyncDispose]()
  }
}
