import { setImmediate as turn } from 'node:timers/promises'
import { VirtualClock } from '@millrace/kernel'
import { fails, holds, messageOf } from '@millrace/kernel/test/property'
import { describe, expect, it } from 'vitest'
import { AlertDelivery, type AlertDeliveryOptions } from '../../src/alerts/alert-delivery.ts'
import { type Channel, ChannelError } from '../../src/alerts/channel.ts'
import { toldAlert } from '../../src/alerts/told-alert.ts'
import type { StoredAlert } from '../../src/store/pulse-store.ts'
import { deliveryProperty } from './delivery-trial.ts'
import * as mutants from './mutants/deliveries.ts'
import { storedAlert } from './samples.ts'

/** A channel that does what the test says. */
class HandChannel implements Channel {
  /** What was told, in order. */
  readonly told: string[] = []
  readonly #ends: (() => void)[] = []
  deliver: Channel['deliver'] = (alert, signal) => {
    this.told.push(alert.id)
    return new Promise((resolve, reject) => {
      this.#ends.push(resolve)
      signal.addEventListener('abort', () => reject(new Error('aborted')))
    })
  }
  end(): void {
    this.#ends.shift()!()
  }
  async [Symbol.asyncDispose]() {}
}

function failing(error: () => Error): Channel {
  return { deliver: () => Promise.reject(error()), async [Symbol.asyncDispose]() {} }
}

function deliver(channel: Channel | undefined, options: Partial<AlertDeliveryOptions> = {}) {
  const clock = new VirtualClock({ wallNow: 10_000 })
  const heard: string[] = []
  const delivery = new AlertDelivery({
    channelOf: () => channel,
    toldOf: (alert) => toldAlert(alert, []),
    onDelivered: ({ code }) => heard.push(`${code} delivered`),
    onRetry: ({ code, attempts }, error) => heard.push(`${code} ${attempts}: ${error}`),
    onDead: ({ code, attempts }, error) => heard.push(`${code} dead after ${attempts}: ${error}`),
    clock,
    random: () => 0.5,
    ...options,
  })
  const wait = async (ms: number) => {
    clock.advance(ms)
    await turn()
  }
  return { clock, delivery, heard, wait }
}

describe('AlertDelivery', () => {
  it('delivers each alert or says that it is dead, once, in order, within its bounds, whatever channels do', async () => {
    await holds(deliveryProperty(AlertDelivery), 150)
  })

  it('would tell a delivery that does not', async () => {
    await holds(deliveryProperty(await mutants.unchanged()), 30)
    await fails(deliveryProperty(await mutants.losesWhatFailed()))
    await fails(deliveryProperty(await mutants.deliversAgain()))
    await fails(deliveryProperty(await mutants.forgetsTheNewer()))
    await fails(deliveryProperty(await mutants.losesOrder()))
    await fails(deliveryProperty(await mutants.isUnbounded()))
    // A channel that hangs holds up those of others.
    await fails(deliveryProperty(AlertDelivery, true))
  })

  it('tries again after a second, then twice as long, and gives up after as many as it is told', async () => {
    const { clock, delivery, heard } = deliver(
      failing(() => new Error('it is away')),
      { random: () => 1 - 1e-9, retry: { maxAttempts: 10 } },
    )
    const start = clock.now()
    const tries: number[] = []
    delivery.add(storedAlert())
    for (let seconds = 0; seconds < 1200; seconds++) {
      const before = heard.length
      clock.advance(1000)
      await turn()
      if (heard.length > before) tries.push((clock.now() - start) / 1000)
    }
    expect(heard.at(-1)).toBe('red dead after 10: it is away')
    expect(heard).toHaveLength(10)
    expect(tries.map((at, index) => at - (tries[index - 1] ?? 0)).slice(2)).toEqual([2, 4, 8, 16, 32, 64, 128, 256])
    expect(clock.pending).toBe(0)
  })

  it('does not try again what is refused, or what is too old', async () => {
    const refusing = deliver(failing(() => new ChannelError('no such place', { isPassing: false })))
    refusing.delivery.add(storedAlert())
    await turn()
    expect(refusing.heard).toEqual(['red dead after 1: no such place'])
    const late = deliver(failing(() => new Error('it is away')))
    late.delivery.add(storedAlert({ at: 10_000 - 86_400_000 }))
    await turn()
    expect(late.heard).toEqual(['red dead after 1: it is away'])
  })

  it('waits with all of a channel as long as that asks to, which counts as no attempt', async () => {
    let calls = 0
    const busy: Channel = {
      maxUnderWay: 1,
      async deliver() {
        if (++calls <= 15) throw new ChannelError('too many', { isPassing: true, retryAfterMs: 60_000 })
      },
      async [Symbol.asyncDispose]() {},
    }
    const { delivery, heard, wait } = deliver(busy)
    delivery.add(storedAlert())
    delivery.add(storedAlert({ monitor: 'web' }))
    await turn()
    for (let minute = 1; minute <= 2; minute++) {
      await wait(59_000)
      expect(calls).toBe(minute)
      await wait(1000)
      expect(calls).toBe(minute + 1)
    }
    for (let step = 0; step < 300; step++) await wait(20_000)
    expect(heard.slice(0, 15)).toEqual(Array(15).fill('red 0: too many'))
    expect(heard.slice(15)).toEqual(['red delivered', 'red delivered'])
  })

  it('a server that asks for nothing less than for ever is asked again after an hour', async () => {
    const { delivery, heard, wait } = deliver(
      failing(() => new ChannelError('too many', { isPassing: true, retryAfterMs: 1e12 })),
    )
    delivery.add(storedAlert())
    await turn()
    await wait(3_599_000)
    expect(heard).toHaveLength(1)
    await wait(1000)
    expect(heard).toHaveLength(2)
  })

  it('has the newest of a colour take the place of one that waits, behind the others, and not of one under way', async () => {
    const channel = new HandChannel()
    const { delivery, heard } = deliver(channel)
    const alerts: StoredAlert[] = [
      storedAlert({ at: 1 }),
      storedAlert({ at: 2, code: 'yellow' }),
      storedAlert({ at: 3, code: 'green' }),
      storedAlert({ at: 4, code: 'yellow' }),
      storedAlert({ at: 5 }),
    ]
    for (const alert of alerts) delivery.add(alert)
    // The same once more is no other.
    delivery.add(alerts[0]!)
    delivery.add(alerts[4]!)
    expect([delivery.underWay, delivery.waiting]).toEqual([1, 3])
    for (let index = 0; index < 4; index++) {
      await turn()
      channel.end()
    }
    await turn()
    expect(channel.told).toEqual(['api#1000/red/1', 'api#1000/green/3', 'api#1000/yellow/4', 'api#1000/red/5'])
    expect(heard).toEqual(['red delivered', 'green delivered', 'yellow delivered', 'red delivered'])
  })

  it('gives up an attempt that does not end, and hears nothing of it later', async () => {
    const resolves: (() => void)[] = []
    const deaf: Channel = {
      deliver: () => new Promise((resolve) => resolves.push(resolve)),
      async [Symbol.asyncDispose]() {},
    }
    const { delivery, heard, wait } = deliver(deaf)
    delivery.add(storedAlert())
    await wait(30_000)
    expect(heard).toEqual(['red 1: no answer within 30000 ms'])
    resolves[0]!()
    await wait(1000)
    expect(heard).toHaveLength(1)
    resolves[1]!()
    await turn()
    expect(heard.at(-1)).toBe('red delivered')
  })

  it('gives up what has no route any more, or none that can be opened', async () => {
    const { delivery, heard } = deliver(undefined, {
      channelOf({ route }) {
        if (route === 1) throw new Error('no such loft')
        return undefined
      },
    })
    delivery.add(storedAlert())
    delivery.add(storedAlert({ route: 1 }))
    expect(heard).toEqual([])
    await turn()
    expect(heard).toEqual([
      'red dead after 0: its route is not in the manifest any more',
      'red dead after 0: its channel cannot be opened: no such loft',
    ])
  })

  it('lets what waits go where the manifest says now', async () => {
    const away = failing(() => new Error('it is away'))
    const here = new HandChannel()
    let channel: Channel = away
    const { delivery, heard, clock } = deliver(undefined, { channelOf: () => channel })
    delivery.add(storedAlert())
    delivery.add(storedAlert({ code: 'green', at: 3000 }))
    await turn()
    channel = here
    delivery.reroute()
    await turn()
    here.end()
    await turn()
    here.end()
    await turn()
    expect(heard).toEqual(['red 1: it is away', 'red delivered', 'green delivered'])
    clock.advance(10_000)
    expect([delivery.waiting, delivery.underWay, clock.pending]).toEqual([0, 0, 0])
  })

  it('lets what is under way go there too, before what came after it, and gives up what has no route', async () => {
    const there = new HandChannel()
    const here = new HandChannel()
    let move: (alert: StoredAlert) => Channel | undefined = () => there
    const { delivery, heard, clock } = deliver(undefined, { channelOf: (alert) => move(alert) })
    for (const monitor of ['stays', 'moves', 'goes']) delivery.add(storedAlert({ monitor, at: 1 }))
    delivery.add(storedAlert({ monitor: 'moves', at: 2, code: 'green' }))
    move = ({ monitor }) => (monitor === 'stays' ? there : monitor === 'moves' ? here : undefined)
    delivery.reroute()
    delivery.add(storedAlert({ monitor: 'moves', at: 3 }))
    await turn()
    for (let index = 0; index < 3; index++) {
      here.end()
      await turn()
    }
    there.end()
    await turn()
    expect(there.told).toEqual(['stays#1000/red/1', 'moves#1000/red/1', 'goes#1000/red/1'])
    expect(here.told).toEqual(['moves#1000/red/1', 'moves#1000/green/2', 'moves#1000/red/3'])
    expect(heard).toEqual([
      'red dead after 0: its route is not in the manifest any more',
      'red delivered',
      'green delivered',
      'red delivered',
      'red delivered',
    ])
    expect([delivery.waiting, delivery.underWay, clock.pending]).toEqual([0, 0, 0])
  })

  it('drains what can be delivered, tries nothing again, and takes nothing more', async () => {
    const channel = new HandChannel()
    const { delivery, heard, clock } = deliver(channel, { maxUnderWay: 1 })
    for (const monitor of ['a', 'b']) delivery.add(storedAlert({ monitor }))
    const drained = delivery.drain(10_000)
    delivery.add(storedAlert({ monitor: 'c' }))
    channel.end()
    await turn()
    channel.end()
    expect(await drained).toBe(true)
    expect([heard, clock.pending]).toEqual([['red delivered', 'red delivered'], 0])
  })

  it('leaves what is not done by then, aborted and untold', async () => {
    const channel = new HandChannel()
    const { delivery, heard, clock, wait } = deliver(channel, { maxUnderWay: 1 })
    for (const monitor of ['a', 'b']) delivery.add(storedAlert({ monitor }))
    const drained = delivery.drain(500)
    await wait(500)
    expect(await drained).toBe(false)
    await turn()
    expect([heard, clock.pending, channel.told.length]).toEqual([[], 0, 1])
  })

  it('drains at once when all that waits is asleep or paused', async () => {
    const { delivery } = deliver(failing(() => new Error('it is away')))
    delivery.add(storedAlert())
    await turn()
    expect(await delivery.drain(1000)).toBe(false)
    const idle = deliver(new HandChannel())
    expect(await idle.delivery.drain(1000)).toBe(true)
  })

  it('has done with an outage of all monitors in seconds', async () => {
    const count = process.env.MILLRACE_SLOW ? 100_000 : 20_000
    let calls = 0
    const channel: Channel = {
      async deliver() {
        if (++calls % 3 === 0) throw new Error('it stumbles')
      },
      async [Symbol.asyncDispose]() {},
    }
    let over = 0
    const { delivery, wait } = deliver(channel, { onDelivered: () => over++, onRetry: () => {}, onDead: () => over++ })
    for (let number = 0; number < count; number++) delivery.add(storedAlert({ monitor: `m${number}` }))
    for (let step = 0; step < 2000 && over < count; step++) await wait(1000)
    expect(over).toBe(count)
  })

  it('refuses options that cannot be', async () => {
    for (const [name, options] of [
      ['maxUnderWay', { maxUnderWay: 0 }],
      ['timeoutMs', { timeoutMs: 0 }],
      ['retry.baseMs', { retry: { baseMs: 0 } }],
      ['retry.capMs', { retry: { capMs: 1 } }],
      ['retry.maxAttempts', { retry: { maxAttempts: 0 } }],
      ['retry.maxAgeMs', { retry: { maxAgeMs: 0 } }],
    ] as const) {
      expect(await messageOf('OPTION_INVALID', () => deliver(undefined, options))).toContain(name)
    }
  })
})
