import { expect, test } from 'vitest'
import { createRig, fail, pass, Rig } from '../rig/create-rig.ts'

const accepted = { status: 'accepted' } as const

test('a manifest that changed while nothing ran: what says something else begins anew, and its incident goes on', async () => {
  const rig = await createRig([{ name: 'a' }, { name: 'b' }, { name: 'c', intervention: {} }], { answer: () => fail })
  await rig.advance(30_100)
  rig.repairs[0]!.end(accepted)
  await rig.advance(30_000)
  await rig.until(rig.pulse.stop())
  expect([rig.told('b'), rig.told('c')]).toEqual([
    ['yellow', 'red'],
    ['yellow', 'cyan', 'red'],
  ])
  const next = new Rig({ answer: () => fail, store: rig.store, clock: rig.clock })
  await next.load([
    { name: 'a' },
    { name: 'b', target: 'elsewhere' },
    { name: 'c', intervention: {}, check: { intervalMs: 20_000 } },
  ])
  await next.until(next.pulse.start())
  expect(next.pulse.list().map(({ name, state }) => [name, state])).toEqual([
    ['a', 'down'],
    ['b', 'unknown'],
    ['c', 'unknown'],
  ])
  expect(next.pulse.find('b')!.incidentSince).toBe(rig.pulse.find('b')!.incidentSince)
  await next.advance(80_000)
  // One repair in an incident, whatever the manifest says by now.
  expect(next.repairs).toEqual([])
  next.answer = () => pass
  await next.advance(60_000)
  for (const name of ['a', 'b', 'c']) expect(next.told(name).at(-1)).toBe('green')
})

test('a pause outlives a manifest that changed while nothing ran', async () => {
  const rig = await createRig([{ name: 'a' }])
  rig.pulse.pause('a')
  await rig.until(rig.pulse.stop())
  const next = new Rig({ store: rig.store, clock: rig.clock })
  await next.load([{ name: 'a', target: 'elsewhere' }])
  await next.until(next.pulse.start())
  await next.advance(20_000)
  expect(next.pulse.find('a')).toMatchObject({ state: 'disabled', isPaused: true })
  expect(next.probes).toEqual([])
})

test('what is kept of monitors that no manifest has is forgotten, and the log says who was ill', async () => {
  const rig = await createRig([{ name: 'a' }, { name: 'b' }], { answer: () => fail })
  await rig.advance(40_000)
  await rig.until(rig.pulse.stop())
  const told: [object, string][] = []
  const write = (fields: object, message: string) => told.push([fields, message])
  const logger = { debug() {}, info() {}, warn: write, error: write }
  const next = await createRig([{ name: 'a' }], { answer: () => fail, store: rig.store, clock: rig.clock, logger })
  await next.advance(20_000)
  expect(told).toEqual([[{ count: 1, monitors: ['b'] }, 'monitors that were ill are in no manifest any more']])
  await next.until(next.pulse.stop())
  const { monitors } = await rig.store.open()
  expect(monitors.map(({ name }) => name)).toEqual(['a'])
})

test('monitors that are loaded after the start get what was kept of them, and the others are forgotten then', async () => {
  const rig = await createRig([{ name: 'a' }, { name: 'b' }], { answer: () => fail })
  await rig.advance(40_000)
  await rig.until(rig.pulse.stop())
  const next = new Rig({ answer: () => fail, store: rig.store, clock: rig.clock })
  await next.until(next.pulse.start())
  await next.advance(1000)
  await next.load([{ name: 'b' }])
  expect(next.pulse.find('b')!.state).toBe('down')
  await next.load([{ name: 'a' }, { name: 'b' }])
  expect(next.pulse.find('a')!.state).toBe('unknown')
  await next.until(next.pulse.stop())
  expect((await rig.store.open()).monitors.map(({ name }) => name)).toEqual(['b'])
})

test('an alert goes where it was meant to go, wherever its route stands in the manifest by now', async () => {
  const route = (to: string) => ({ type: 'book', config: { to } })
  const monitor = (...to: string[]) => ({ name: 'api', codes: { red: to.map(route), yellow: to.map(route) } })
  const rig = await createRig([monitor('ops', 'boss')], { answer: () => fail })
  rig.deliver = async () => {
    throw new Error('nobody answers')
  }
  await rig.advance(40_000)
  expect(rig.pulse.find('api')!.undelivered).toEqual(['red', 'yellow'])
  await rig.crash()
  const { alerts } = await rig.store.open()
  await rig.store[Symbol.asyncDispose]()
  expect(new Set(alerts.map(({ route }) => route)).size).toBe(2)
  // The one that is new has nothing to do with what was told before it was there.
  const next = await createRig([monitor('new', 'boss', 'ops')], {
    answer: () => pass,
    store: rig.store,
    clock: rig.clock,
  })
  await next.advance(100)
  expect(next.alerts).toHaveLength(4)
  expect(next.opened.flatMap(({ config, told }) => told.map((code) => `${config.to} ${code}`)).toSorted()).toEqual([
    'boss red',
    'boss yellow',
    'ops red',
    'ops yellow',
  ])
  expect(next.pulse.metrics.alerts).toMatchObject({ dead: 0, waiting: 0, delivered: 4 })
})

test('an alert whose route is gone is a dead letter, and says why', async () => {
  const monitor = (to: string) => ({ name: 'api', codes: { yellow: [{ type: 'book', config: { to } }] } })
  const rig = await createRig([monitor('ops')], { answer: () => fail })
  rig.deliver = () => Promise.reject(new Error('nobody answers'))
  await rig.advance(15_000)
  expect(rig.pulse.find('api')!.undelivered).toEqual(['yellow'])
  rig.answer = () => undefined
  await rig.load([monitor('boss')])
  await rig.advance(100)
  expect(rig.pulse.find('api')!.undelivered).toEqual([])
  expect(rig.pulse.metrics.alerts).toMatchObject({ dead: 1, waiting: 0 })
  const [letter] = await rig.store.deadLetters(10)
  expect(letter!.error).toContain('not in the manifest any more')
})

test('colours that are still to be delivered are shown, until they are', async () => {
  const rig = await createRig([{ name: 'api' }], { answer: () => fail })
  rig.deliver = () => Promise.reject(new Error('nobody answers'))
  await rig.advance(40_000)
  expect(rig.pulse.find('api')!.undelivered).toEqual(['red', 'yellow'])
  await rig.crash()
  for (const isLoadedFirst of [true, false]) {
    const next = new Rig({ answer: () => undefined, store: rig.store, clock: rig.clock })
    next.deliver = () => Promise.reject(new Error('nobody answers'))
    if (isLoadedFirst) await next.load([{ name: 'api' }])
    await next.until(next.pulse.start())
    await next.load([{ name: 'api' }])
    expect(next.pulse.find('api')!.undelivered).toEqual(['red', 'yellow'])
    if (isLoadedFirst) {
      await next.advance(1000)
      await next.crash()
      continue
    }
    next.deliver = async () => {}
    await next.advance(600_000)
    expect(next.pulse.find('api')!.undelivered).toEqual([])
  }
})

test('an alert that nobody takes for most of a day is delivered then', async () => {
  const rig = await createRig([{ name: 'api', check: { intervalMs: 3_600_000, timeoutMs: 1000 } }], {
    answer: () => fail,
  })
  rig.deliver = () => Promise.reject(new Error('nobody answers'))
  await rig.advance(3_600_000)
  rig.answer = () => undefined
  await rig.advance(23 * 3_600_000)
  expect(rig.alerts).toEqual([])
  expect(rig.pulse.metrics.alerts).toMatchObject({ dead: 0, waiting: 1 })
  rig.deliver = async () => {}
  await rig.advance(300_000)
  expect(rig.told('api')).toEqual(['yellow'])
})
