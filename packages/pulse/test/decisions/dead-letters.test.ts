import { expect, test } from 'vitest'
import { type Alert, ChannelError } from '../../src/alerts/channel.ts'
import { createRig, fail, pass, type Rig } from '../rig/create-rig.ts'

function refuse(): Promise<never> {
  return Promise.reject(new ChannelError('no such place', { isPassing: false }))
}

/** One that is down, and whose alerts nobody took. */
async function withLetters() {
  const rig = await createRig([{ name: 'api' }], { answer: () => fail })
  rig.deliver = refuse
  await rig.advance(40_000)
  expect(rig.alerts).toEqual([])
  return rig
}

async function lettersOf(rig: Rig) {
  const letters = await rig.store.deadLetters(100)
  return letters.map(({ alert }) => alert.code).reverse()
}

test('a dead letter says of what monitor, colour and channel it is, why, and when', async () => {
  const rig = await withLetters()
  const [newest] = await rig.store.deadLetters(1)
  const alert = { monitor: 'api', code: 'red', channel: 'book', attempts: 1 }
  expect(newest).toMatchObject({ alert, error: 'no such place' })
  expect(newest!.at).toBeGreaterThanOrEqual(newest!.alert.at)
})

test('dead letters are delivered after all, in their order, as what they were', async () => {
  const rig = await withLetters()
  const before = await rig.store.deadLetters(100)
  await rig.advance(48 * 3_600_000)
  rig.deliver = async () => {}
  expect(await rig.until(rig.pulse.redrive())).toEqual({ redriven: 2, left: [] })
  await rig.advance(1000)
  expect(rig.told('api')).toEqual(['yellow', 'red'])
  expect(rig.alerts.map(({ at }) => at)).toEqual(before.map(({ alert }) => alert.at).reverse())
  expect(await lettersOf(rig)).toEqual([])
  expect(rig.pulse.metrics.alerts).toMatchObject({ waiting: 0, dead: 2, delivered: 2 })
  expect(await rig.until(rig.pulse.redrive())).toEqual({ redriven: 0, left: [] })
})

test('what fails again is tried for a day from then, and is a dead letter again', async () => {
  const rig = await withLetters()
  await rig.advance(48 * 3_600_000)
  const tried: Alert[] = []
  rig.deliver = (alert) => {
    tried.push(alert)
    return Promise.reject(new Error('nobody answers'))
  }
  const [red] = await rig.store.deadLetters(1)
  expect(await rig.until(rig.pulse.redrive({ id: red!.id }))).toEqual({ redriven: 1, left: [] })
  await rig.advance(3_600_000)
  expect(tried.length).toBeGreaterThan(10)
  expect(new Set(tried.map(({ id }) => id)).size).toBe(1)
  expect(await lettersOf(rig)).toEqual(['yellow'])
  await rig.advance(25 * 3_600_000)
  expect(await lettersOf(rig)).toEqual(['yellow', 'red'])
  expect((await rig.store.deadLetters(1))[0]!.id).not.toBe(red!.id)
})

test('a process that dies in the midst of it loses none, and the next delivers it', async () => {
  const rig = await withLetters()
  rig.deliver = () => new Promise(() => {})
  expect(await rig.until(rig.pulse.redrive())).toEqual({ redriven: 2, left: [] })
  expect(await lettersOf(rig)).toEqual([])
  await rig.crash()
  const next = await createRig([{ name: 'api' }], { answer: () => fail, store: rig.store, clock: rig.clock })
  await next.advance(1000)
  expect(next.told('api')).toEqual(['yellow', 'red'])
})

test('two that ask at once have it delivered once', async () => {
  const rig = await withLetters()
  rig.deliver = async () => {}
  const [first, second] = await rig.until(Promise.all([rig.pulse.redrive(), rig.pulse.redrive()]))
  expect([first.redriven, second.redriven]).toEqual([2, 0])
  await rig.advance(1000)
  expect(rig.told('api')).toEqual(['yellow', 'red'])
})

test('of an incident that is over nobody hears that it began, unless its end comes too', async () => {
  const rig = await withLetters()
  rig.deliver = async () => {}
  rig.answer = () => pass
  await rig.advance(30_000)
  expect(rig.told('api')).toEqual(['green'])
  const { redriven, left } = await rig.until(rig.pulse.redrive({ monitor: 'api' }))
  expect(redriven).toBe(0)
  expect(left.map(({ why }) => why)).toEqual(Array(2).fill('its incident is over, and its end is not among these'))
  await rig.advance(60_000)
  expect(rig.told('api')).toEqual(['green'])

  const whole = await withLetters()
  whole.answer = () => pass
  await whole.advance(30_000)
  whole.deliver = async () => {}
  expect(await lettersOf(whole)).toEqual(['yellow', 'red', 'green'])
  expect((await whole.until(whole.pulse.redrive())).redriven).toBe(3)
  await whole.advance(1000)
  expect(whole.told('api')).toEqual(['yellow', 'red', 'green'])
})

test('what leads nowhere any more, or has a newer one in its place, is left', async () => {
  const rig = await withLetters()
  rig.deliver = () => Promise.reject(new Error('nobody answers'))
  expect((await rig.until(rig.pulse.redrive({ monitor: 'other' }))).redriven).toBe(0)
  await rig.load([{ name: 'api', codes: { red: [{ type: 'book', config: { to: 'elsewhere' } }] } }])
  await rig.advance(100)
  const { left } = await rig.until(rig.pulse.redrive())
  expect(left.map(({ why }) => why)).toEqual(Array(2).fill('its route is not in the manifest any more'))
})
