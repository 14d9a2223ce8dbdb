import { VirtualClock } from '@millrace/kernel'
import { messageOf } from '@millrace/kernel/test/property'
import { describe, expect, it } from 'vitest'
import type { LoadPlan } from '../../src/config/intents-load.ts'
import { planLoad } from '../../src/config/intents-load.ts'
import type { Ended } from '../../src/intents/load/load-client.ts'
import { loadSummary } from '../../src/intents/load/load-words.ts'
import { runLoad } from '../../src/intents/load/run-load.ts'
import { createStyle } from '../../src/text/style.ts'

const style = createStyle({ color: false, unicode: true })

/** A load against a server that takes `msOf(nth)` for each intent. */
function load(plan: Partial<LoadPlan>, msOf: (nth: number) => number, failure?: string) {
  const clock = new VirtualClock()
  const interrupt = new AbortController()
  const sent: string[] = []
  let onTheWay = 0
  let most = 0
  const client = {
    send(intent: string, ended: Ended) {
      const ms = msOf(sent.push(intent))
      most = Math.max(most, ++onTheWay)
      if (ms === Number.POSITIVE_INFINITY) return
      clock.after(ms, () => {
        onTheWay--
        ended(failure)
      })
    },
    close: () => {},
  }
  const seconds: number[] = []
  const result = runLoad(
    { ...planLoad('http://127.0.0.1', {}), ...plan },
    { client, clock, random: () => 0.5, signal: interrupt.signal, onSecond: ({ sent }) => seconds.push(sent) },
  )
  const run = async (ms: number) => {
    clock.advance(ms)
    return result
  }
  return { clock, interrupt, sent, seconds, run, mostOnTheWay: () => most }
}

describe('a load', () => {
  it('sends as many as it is to, at their times, and measures each', async () => {
    const { run, sent, seconds } = load({ rate: 500, seconds: 2 }, () => 4)
    const { sent: count, committed, rate, latency, unanswered } = await run(2100)
    expect([count, committed, unanswered, sent.length]).toEqual([1000, 1000, 0, 1000])
    expect(seconds).toEqual([500, 1000])
    expect(rate).toBeGreaterThan(450)
    expect(latency.p50).toBeGreaterThanOrEqual(4)
    expect(latency.max).toBeLessThanOrEqual(6)
  })

  it('does not spare a server that stalls: what was to be sent meanwhile has waited', async () => {
    // From the 100th on nothing is answered before second 1.2.
    const { run, clock } = load({ rate: 1000, seconds: 1 }, (nth) => (nth <= 100 ? 1 : Math.max(1, 1200 - clock.now())))
    const { committed, latency } = await run(1300)
    expect(committed).toBe(1000)
    expect(latency.p50).toBeGreaterThan(500)
    expect(latency.max).toBeGreaterThan(1000)
  })

  it('as fast as it goes keeps each connection busy, and no more', async () => {
    const { run, mostOnTheWay } = load({ rate: Number.POSITIVE_INFINITY, seconds: 1, connections: 4 }, () => 10)
    const { committed } = await run(1100)
    expect(mostOnTheWay()).toBe(4)
    expect(committed).toBeGreaterThanOrEqual(396)
    expect(committed).toBeLessThanOrEqual(404)
  })

  it('tells failures by their codes, and does not hurry on a server that refuses', async () => {
    const { run } = load({ rate: Number.POSITIVE_INFINITY, seconds: 1, connections: 2 }, () => 0, 'QUEUE_FULL')
    const result = await run(1100)
    expect(result.committed).toBe(0)
    expect(Object.keys(result.failed)).toEqual(['QUEUE_FULL'])
    expect(result.sent).toBeLessThan(5000)
    expect(loadSummary(result, style)).toMatch(/failed {3}[\d,]+ QUEUE_FULL \(429\)/)
  })

  it('tells what it has when it is interrupted', async () => {
    const { run, clock, interrupt } = load({ rate: 100, seconds: 60 }, () => 5000)
    clock.after(1000, () => interrupt.abort())
    const { sent, committed, unanswered } = await run(1100)
    expect(sent).toBeGreaterThanOrEqual(99)
    expect([committed, unanswered]).toEqual([0, sent])
  })

  it('does not wait for ever for what is not answered', async () => {
    const { run } = load({ rate: 100, seconds: 1 }, () => Number.POSITIVE_INFINITY)
    const { unanswered } = await run(20_000)
    expect(unanswered).toBe(100)
  })

  it('bounds what is on its way, and tells what it did not send', async () => {
    const { run } = load({ rate: 110_000, seconds: 1 }, () => Number.POSITIVE_INFINITY)
    const { sent, withheld } = await run(20_000)
    expect([sent, withheld]).toEqual([100_000, 10_000])
  })
})

describe('the plan', () => {
  it('puts key and number into the payload', () => {
    const { intentText } = planLoad('http://localhost:1', {
      type: 'move',
      payload: '{"id":"{key}","n":"{n}"}',
      keys: 10,
    })
    expect(JSON.parse(intentText(7, 0.99))).toEqual({ type: 'move', payload: { id: 'key-9', n: '7' } })
  })

  it.each([
    ['http://localhost:1', {}, 'http://localhost:1/intents', 64],
    ['http://localhost:1/', { ws: true }, 'ws://localhost:1/intents', 8],
    ['wss://example.org/mine', {}, 'wss://example.org/mine', 8],
  ])('of %s with %j goes to %s over %i connections', (address, flags, href, connections) => {
    const plan = planLoad(address, flags)
    expect([plan.url.href, plan.connections]).toEqual([href, connections])
  })

  it.each([
    ['localhost', {}, /url must be the address of a server/],
    ['ftp://localhost', {}, /url must be the address of a server/],
    ['http://localhost', { type: 'move' }, /--payload must be the payload of an intent of --type move/],
    ['http://localhost', { payload: '{' }, /--payload must be JSON/],
  ])('of %s with %j is refused', async (address, flags, says) => {
    expect(await messageOf('FLAG_INVALID', () => planLoad(address, flags))).toMatch(says)
  })
})
