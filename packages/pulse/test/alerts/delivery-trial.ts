import { setImmediate as turn } from 'node:timers/promises'
import { VirtualClock } from '@millrace/kernel'
import { randomFrom } from '@millrace/kernel/test/property'
import fc from 'fast-check'
import { expect } from 'vitest'
import type { AlertDelivery } from '../../src/alerts/alert-delivery.ts'
import { type Channel, ChannelError } from '../../src/alerts/channel.ts'
import { toldAlert } from '../../src/alerts/told-alert.ts'
import { CODES } from '../../src/lifecycle/states.ts'
import type { StoredAlert } from '../../src/store/pulse-store.ts'
import { storedAlert } from './samples.ts'

const MAX_UNDER_WAY = 2
const MAX_ATTEMPTS = 4
/** What goes to a channel that works must be there after so long, whatever others do. */
const PATIENCE_MS = 2000
const STEP_MS = 250
const ALERTS_OF_INCIDENT = 12

/** How a channel ends an attempt. */
const ENDS = ['done', 'failed', 'refused', 'later', 'hangs', 'ignores the end'] as const

type End = (typeof ENDS)[number]
type Command =
  | readonly ['alert', monitor: number, code: number, route: number]
  | readonly ['wait', ms: number]
  | readonly ['reroute']

const command: fc.Arbitrary<Command> = fc.oneof(
  { weight: 3, arbitrary: fc.tuple(fc.constant('alert' as const), fc.nat(2), fc.nat(CODES.length - 1), fc.nat(2)) },
  { weight: 1, arbitrary: fc.tuple(fc.constant('wait' as const), fc.constantFrom(1, 15, 200, 900)) },
  { weight: 1, arbitrary: fc.tuple(fc.constant('reroute' as const)) },
)

/** A property of deliveries: alerts come while a channel works, another does what it likes, and a third hangs. */
export function deliveryProperty(Delivery: typeof AlertDelivery, sharesOneChannel = false) {
  return fc.asyncProperty(
    fc.array(command, { maxLength: 40 }),
    fc.array(fc.constantFrom(...ENDS), { minLength: 1, maxLength: 12 }),
    async (commands, ends) => {
      const trial = new Trial(Delivery, ends, sharesOneChannel)
      for (const each of commands) {
        if (each[0] === 'alert') trial.raise(each[1], each[2], each[3])
        else if (each[0] === 'wait') await trial.wait(each[1])
        else trial.reroute()
      }
      for (let step = 0; step < 3000 && trial.unsettled > 0; step++) await trial.wait(STEP_MS)
      expect(trial.faults).toEqual([])
      expect(trial.unsettled).toBe(0)
    },
  )
}

/** Keeps the books beside a delivery: what came, in its order, and what is over. */
class Trial {
  readonly faults: string[] = []
  readonly #clock = new VirtualClock({ wallNow: 1_000_000 })
  readonly #delivery: AlertDelivery
  /** By monitor and channel: what came and is not over, the oldest first. */
  readonly #lines = new Map<string, StoredAlert[]>()
  readonly #underWay = new Set<StoredAlert>()
  #count = 0

  constructor(Delivery: typeof AlertDelivery, ends: readonly End[], sharesOneChannel: boolean) {
    let calls = 0
    const channels = [
      this.#channel(() => 'done'),
      this.#channel(() => ends[calls++ % ends.length]!),
      this.#channel(() => 'ignores the end'),
    ]
    const shared: Channel = {
      ...this.#channel(() => 'done'),
      deliver: (alert, signal) => channels[Number(alert.tags[0])]!.deliver(alert, signal),
    }
    this.#delivery = new Delivery({
      channelOf: ({ route }) => (sharesOneChannel ? shared : channels[route]),
      toldOf: (alert) => toldAlert(alert, [String(alert.route), String(alert.number)]),
      onDelivered: (alert) => this.#over(alert, 'delivered'),
      onRetry: (alert) => this.#again(alert),
      onDead: (alert) => {
        if (alert.attempts > MAX_ATTEMPTS) this.#fault(alert, `was tried ${alert.attempts} times`)
        this.#over(alert, 'dead')
      },
      maxUnderWay: MAX_UNDER_WAY,
      timeoutMs: 1000,
      retry: { baseMs: 100, capMs: 1000, maxAttempts: MAX_ATTEMPTS, maxAgeMs: 20_000 },
      clock: this.#clock,
      random: randomFrom(1),
    })
  }

  get unsettled(): number {
    let count = 0
    for (const line of this.#lines.values()) count += line.length
    return count
  }

  raise(monitor: number, code: number, route: number): void {
    const at = this.#clock.wallNow()
    const number = this.#count++
    const incident = Math.floor(number / ALERTS_OF_INCIDENT)
    const alert = storedAlert({ monitor: `m${monitor}`, code: CODES[code]!, route, incident, number, at })
    const line = this.#lineOf(alert)
    const replaced = line.findIndex((other) => isOfKey(other, alert) && !this.#isUnderWay(other))
    if (replaced !== -1) line.splice(replaced, 1)
    line.push(alert)
    this.#delivery.add(alert)
  }

  /** All routes lead where they led before. */
  reroute(): void {
    this.#delivery.reroute()
  }

  async wait(ms: number): Promise<void> {
    this.#clock.advance(ms)
    await turn()
    const now = this.#clock.wallNow()
    for (const line of this.#lines.values()) {
      for (const alert of line) {
        if (alert.route === 0 && now - alert.at > PATIENCE_MS) this.#fault(alert, 'waits, though its channel works')
      }
    }
  }

  #channel(next: () => End): Channel {
    let underWay = 0
    return {
      deliver: (told, signal) => {
        const [route, number] = told.tags
        const alert = this.#begun(told.monitor, Number(route), Number(number))
        if (++underWay > MAX_UNDER_WAY) this.faults.push(`${underWay} under way at once`)
        let isOver = false
        const over = () => {
          if (!isOver) underWay--
          isOver = true
          if (alert !== undefined) this.#underWay.delete(alert)
        }
        signal.addEventListener('abort', over)
        return this.#end(next(), signal).finally(over)
      },
      async [Symbol.asyncDispose]() {},
    }
  }

  #end(end: End, signal: AbortSignal): Promise<void> {
    return new Promise((resolve, reject) => {
      if (end === 'hangs') signal.addEventListener('abort', () => reject(new Error('aborted')))
      if (end === 'hangs' || end === 'ignores the end') return
      this.#clock.after(10, () => {
        if (end === 'done') resolve()
        else if (end === 'failed') reject(new Error('it fell over'))
        else if (end === 'refused') reject(new ChannelError('no such place', { isPassing: false }))
        else reject(new ChannelError('not now', { isPassing: true, retryAfterMs: 300 }))
      })
    })
  }

  #begun(monitor: string, route: number, number: number): StoredAlert | undefined {
    const line = this.#lines.get(`${monitor} ${route}`) ?? []
    const alert = line.find((other) => other.number === number)
    if (alert === undefined) this.faults.push(`an alert of ${monitor} is tried that is over`)
    else if (line[0] !== alert) this.#fault(alert, 'is tried before one that came before it')
    else if (this.#isUnderWay(alert)) this.#fault(alert, 'is tried twice at once')
    if (alert !== undefined) this.#underWay.add(alert)
    return alert
  }

  #again(alert: StoredAlert): void {
    const line = this.#lineOf(alert)
    const index = line.findIndex(({ number }) => number === alert.number)
    if (index !== 0) this.#fault(alert, 'failed, and was not the first')
    this.#underWay.delete(line[index]!)
    if (line.some((other, at) => at > index && isOfKey(other, alert))) line.splice(index, 1)
  }

  #over(alert: StoredAlert, how: string): void {
    const line = this.#lineOf(alert)
    if (line[0]?.number !== alert.number) this.#fault(alert, `is ${how}, and was not the first, or was over`)
    else this.#underWay.delete(line.shift()!)
  }

  #isUnderWay(alert: StoredAlert): boolean {
    return this.#underWay.has(alert)
  }

  #lineOf({ monitor, route }: StoredAlert): StoredAlert[] {
    const key = `${monitor} ${route}`
    const line = this.#lines.get(key) ?? []
    this.#lines.set(key, line)
    return line
  }

  #fault({ monitor, code, number }: StoredAlert, what: string): void {
    this.faults.push(`${code} ${number} of ${monitor} ${what}`)
  }
}

function isOfKey(a: StoredAlert, b: StoredAlert): boolean {
  return a.monitor === b.monitor && a.code === b.code && a.route === b.route && a.incident === b.incident
}
