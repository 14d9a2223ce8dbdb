import type { Clock } from '@millrace/kernel/clock'
import type { Alert, Channel } from '../../src/alerts/channel.ts'
import { type CheckKind, type ProberContext, Verdict } from '../../src/checks/check.ts'
import { Heartbeats } from '../../src/checks/heartbeat/heartbeats.ts'
import { createPulse } from '../../src/create-pulse.ts'
import type { InterventionOrder, InterventionOutcome } from '../../src/interventions/intervention.ts'
import type { Kinds } from '../../src/kinds.ts'
import { BatchBuilder } from '../../src/manifest/batch-builder.ts'
import type { CheckProfile, InterventionProfile, MonitorBatch, Profile } from '../../src/monitors/monitor.ts'
import type { Pulse, PulseEvent, PulseOptions } from '../../src/pulse.ts'
import { ProcessClock, SimulatedClock, settled } from '../../src/simulate/simulated-clock.ts'
import { createMemoryStore } from '../../src/store/memory-store.ts'
import type { PulseStore } from '../../src/store/pulse-store.ts'

/** A monitor of a test: all but its name has a default. */
export interface TestMonitor {
  readonly name: string
  readonly target?: string
  readonly check?: Partial<CheckProfile>
  readonly intervention?: Partial<InterventionProfile> | undefined
  readonly codes?: Profile['codes']
  readonly maintenance?: Profile['maintenance']
  readonly isEnabled?: boolean
}

/** A check under way, which the test ends. */
export interface Probe {
  readonly ticket: number
  readonly name: string
  readonly at: number
}

/** An intervention under way, which the test ends. */
export interface Repair {
  readonly order: InterventionOrder
  readonly at: number
  end(outcome: InterventionOutcome): void
}

export interface RigOptions extends Omit<PulseOptions, 'clock' | 'kinds'> {
  /** Other kinds, on the clock of its process. */
  readonly kinds?: (clock: Clock) => Kinds
  /** What the monitors' checks answer, `latencyMs` after they began; undefined never answers. @default a pass */
  readonly answer?: (name: string) => Verdict | undefined
  readonly latencyMs?: number
  readonly clock?: SimulatedClock
  /** Another engine: a mutant. */
  readonly create?: (options: PulseOptions) => Pulse
  readonly maxUnderWay?: number
  /** Of the prober: whether it can be asked for the end of a check. @default true */
  readonly canBeAsked?: boolean
}

const ALL_TOLD: Profile['codes'] = Object.fromEntries(
  ['red', 'yellow', 'green', 'cyan', 'gray'].map((code) => [code, [{ type: 'book', config: {} }]]),
)
export const START = Date.UTC(2026, 0, 5)

export const pass = Verdict.PASS
export const fail = Verdict.FAIL

/** An engine whose targets, repairs and channels are scripts of the test, on a clock that the test turns. */
export class Rig {
  readonly clock: SimulatedClock
  readonly process: ProcessClock
  readonly store: PulseStore
  readonly pulse: Pulse
  readonly events: PulseEvent[] = []
  readonly alerts: Alert[] = []
  readonly repairs: Repair[] = []
  /** Channels that were opened, and the colours each took. */
  readonly opened: { readonly config: { readonly to?: string }; readonly told: string[] }[] = []
  /** All checks that began. */
  readonly probes: Probe[] = []
  answer: (name: string) => Verdict | undefined
  /** What a channel says to an alert; a rejection is tried again. */
  deliver: (alert: Alert) => Promise<void> = async () => {}
  end: ProberContext['end'] = () => {}
  /** What the prober does when it is asked for the end of a check: nothing, as if it had lost it. */
  expire: (ticket: number) => void = () => {}

  constructor(options: RigOptions) {
    this.clock = options.clock ?? new SimulatedClock(START)
    this.process = new ProcessClock(this.clock)
    this.store = options.store ?? createMemoryStore({ clock: this.clock })
    this.answer = options.answer ?? (() => pass)
    const {
      answer,
      latencyMs = 10,
      create = createPulse,
      clock,
      maxUnderWay,
      canBeAsked = true,
      kinds: given,
      ...rest
    } = options
    const check: CheckKind = {
      type: 'script',
      ...(maxUnderWay !== undefined && { maxUnderWay }),
      parse: () => ({ target: '', options: {} }),
      hostOf: (target) => target.split('/')[1],
      createProber: ({ end }) => {
        this.end = end
        return {
          probe: (ticket, target) => {
            const name = target.split('/')[0]!
            this.probes.push({ ticket, name, at: this.clock.now() })
            const verdict = this.answer(name)
            if (verdict === undefined) return
            const reason = verdict === Verdict.PASS ? undefined : 'the script says so'
            this.process.after(latencyMs, () => end(ticket, verdict, latencyMs, reason))
          },
          ...(canBeAsked && { expire: (ticket: number) => this.expire(ticket) }),
          [Symbol.asyncDispose]: async () => {},
        }
      },
    }
    const kinds: Kinds = {
      checks: new Map([['script', check]]),
      interventions: new Map([
        [
          'repair',
          {
            type: 'repair',
            parse: () => ({}),
            run: (_: unknown, order: InterventionOrder) =>
              new Promise<InterventionOutcome>((end) => {
                this.repairs.push({ order, at: this.clock.now(), end })
              }),
          },
        ],
      ]),
      channels: new Map([
        [
          'book',
          {
            type: 'book',
            parse: () => ({}),
            open: (config: { readonly to?: string }): Channel => {
              const told: string[] = []
              this.opened.push({ config, told })
              return {
                deliver: async (alert) => {
                  await this.deliver(alert)
                  this.alerts.push(alert)
                  told.push(alert.code)
                },
                [Symbol.asyncDispose]: async () => {},
              }
            },
          },
        ],
      ]),
      beats: new Heartbeats(this.process),
    }
    this.pulse = create({
      ...rest,
      clock: this.process,
      store: this.store,
      kinds: given?.(this.process) ?? kinds,
    })
    this.pulse.onChange((event) => this.events.push(event))
  }

  /** Moves the clock, and all that hangs on it. */
  async advance(ms: number): Promise<void> {
    const until = this.clock.now() + ms
    await settled()
    while (this.clock.turn(until)) await settled()
  }

  /** Moves the clock until another check begins. */
  async untilProbe(): Promise<Probe> {
    const { length } = this.probes
    await settled()
    while (this.probes.length === length && this.clock.turn(this.clock.now() + 3_600_000)) await settled()
    return this.probes.at(-1)!
  }

  /** Moves the clock until `promise` is done. */
  async until<Value>(promise: Promise<Value>): Promise<Value> {
    let isDone = false
    const mark = () => {
      isDone = true
    }
    promise.then(mark, mark)
    await settled()
    while (!isDone) {
      if (!this.clock.turn(this.clock.now() + 60_000)) throw new Error('nothing goes on')
      await settled()
    }
    return promise
  }

  async load(monitors: readonly TestMonitor[]) {
    return this.until(this.pulse.load([batchOf(monitors)]))
  }

  /** The process ends, in the midst of whatever it does. */
  async crash(): Promise<void> {
    this.process.die()
    await this.store[Symbol.asyncDispose]()
  }

  /** States a monitor went to, in turn. */
  path(name: string): string[] {
    return this.events.filter(({ monitor }) => monitor === name).map(({ to }) => to)
  }

  /** Colours of a monitor that were delivered, in turn. */
  told(name: string): string[] {
    return this.alerts.filter(({ monitor }) => monitor === name).map(({ code }) => code)
  }
}

/** An engine that was started on these monitors. */
export async function createRig(monitors: readonly TestMonitor[], options: RigOptions = {}): Promise<Rig> {
  const rig = new Rig(options)
  await rig.load(monitors)
  await rig.until(rig.pulse.start())
  return rig
}

export function profileOf({ check, intervention, codes, maintenance, isEnabled }: TestMonitor): Profile {
  return {
    isEnabled: isEnabled ?? true,
    tags: [],
    check: {
      type: 'script',
      intervalMs: 10_000,
      timeoutMs: 2000,
      unhealthyThreshold: 3,
      healthyThreshold: 2,
      options: {},
      ...check,
    },
    ...(intervention && {
      intervention: { type: 'repair', timeoutMs: 5000, coolDownMs: 0, target: {}, ...intervention },
    }),
    codes: codes ?? ALL_TOLD,
    maintenance: maintenance ?? [],
  }
}

export function batchOf(monitors: readonly TestMonitor[]): MonitorBatch {
  const builder = new BatchBuilder()
  for (const monitor of monitors) {
    const profile = profileOf(monitor)
    // A service calls by its monitor's name.
    const isHeartbeat = profile.check.type === 'heartbeat'
    const target = isHeartbeat ? monitor.name : `${monitor.name}/${monitor.target ?? monitor.name}`
    const spec = { name: monitor.name, target, profile }
    builder.add(spec, JSON.stringify(profile), 0)
  }
  return builder.take()
}
