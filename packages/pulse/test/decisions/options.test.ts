import { messageOf } from '@millrace/kernel/test/property'
import { expect, test } from 'vitest'
import { createPulse } from '../../src/create-pulse.ts'
import { createKinds } from '../../src/kinds.ts'
import { readText } from '../manifest/read-text.ts'
import { batchOf, createRig, fail, pass, Rig, type TestMonitor } from '../rig/create-rig.ts'

test('the greatest threshold is reached, and a greater one is refused wherever it comes from', async () => {
  const rig = await createRig([{ name: 'api', check: { unhealthyThreshold: 255 } }], { answer: () => fail })
  await rig.advance(253 * 10_000)
  expect(rig.path('api')).toEqual(['degraded'])
  await rig.advance(30_000)
  expect(rig.path('api')).toEqual(['degraded', 'down'])
  for (const check of [{ unhealthyThreshold: 256 }, { healthyThreshold: 256 }, { unhealthyThreshold: 0 }]) {
    const message = await messageOf('OPTION_INVALID', () => rig.pulse.load([batchOf([{ name: 'api', check }])]))
    expect(message).toContain(Object.keys(check)[0])
  }
  expect(rig.pulse.find('api')!.state).toBe('down')
})

test('a target as long as a target may be is checked as it is, and a longer one is refused', async () => {
  const prefix = 'api/'.length
  const asked: string[] = []
  const rig = new Rig({ answer: () => pass })
  const longest = 'x'.repeat(65_535 - prefix)
  await rig.load([{ name: 'api', target: longest }, { name: 'other' }])
  await rig.until(rig.pulse.start())
  await rig.advance(11_000)
  for (const { name, target } of rig.pulse.list()) asked.push(`${name} ${target.length}`)
  expect(asked).toEqual(['api 65535', 'other 11'])
  const tooLong = { name: 'api', target: `${longest}x` }
  expect(await messageOf('OPTION_INVALID', () => rig.pulse.load([batchOf([{ name: 'b' }, tooLong])]))).toContain(
    '"api"',
  )
  expect(rig.pulse.find('b')).toBeUndefined()
  const { told } = await readText(
    `monitors:\n  - name: api\n    pulse_check: { type: http, interval: 10s, config: { url: "http://h/${'x'.repeat(65_535)}" } }\n`,
  )
  expect(told).toHaveLength(1)
  expect(told[0]).toMatch(/65,?535/)
})

test('what nobody here can do is refused by load, and what is there goes on', async () => {
  const rig = await createRig([{ name: 'api' }])
  const book = [{ type: 'bok', config: {} }]
  const cases: readonly (readonly [TestMonitor, string])[] = [
    [{ name: 'api', check: { type: 'scrpt' } }, 'check "scrpt"'],
    [{ name: 'api', intervention: { type: 'repiar' } }, 'intervention "repiar"'],
    [{ name: 'api', codes: { red: book } }, 'channel "bok"'],
  ]
  for (const [monitor, told] of cases) {
    expect(await messageOf('KIND_UNKNOWN', () => rig.pulse.load([batchOf([{ name: 'new' }, monitor])]))).toContain(told)
  }
  expect(rig.pulse.find('new')).toBeUndefined()
  await rig.advance(20_000)
  expect(rig.pulse.find('api')!.state).toBe('up')
})

test('a silence is a time', async () => {
  const rig = await createRig([{ name: 'api' }], { answer: () => fail })
  for (const ms of [Number.NaN, -1, Number.POSITIVE_INFINITY, 1e15]) {
    await messageOf('OPTION_INVALID', async () => rig.pulse.silence('api', ms))
  }
  await rig.advance(40_000)
  expect(rig.told('api')).toEqual(['yellow', 'red'])
  expect(rig.pulse.health.isHealthy).toBe(true)
})

test('paused, resumed and silenced before the start, it is so after', async () => {
  const rig = new Rig({ answer: () => fail })
  await rig.load([{ name: 'a' }, { name: 'b' }, { name: 'c' }, { name: 'd', isEnabled: false }])
  for (const name of ['a', 'b', 'd']) rig.pulse.pause(name)
  rig.pulse.resume('b')
  rig.pulse.resume('d')
  rig.pulse.silence('c', 3_600_000)
  await rig.until(rig.pulse.start())
  expect(rig.pulse.metrics.byState).toMatchObject({ unknown: 2, disabled: 2 })
  await rig.advance(60_000)
  expect(rig.pulse.list().map(({ name, state }) => [name, state])).toEqual([
    ['a', 'disabled'],
    ['b', 'down'],
    ['c', 'down'],
    ['d', 'disabled'],
  ])
  expect([rig.told('a'), rig.told('b'), rig.told('c')]).toEqual([[], ['yellow', 'red'], []])
  expect(Object.values(rig.pulse.metrics.byState).reduce((sum, count) => sum + count)).toBe(4)
})

test('paused while the store is being opened, it is not checked', async () => {
  const rig = new Rig({})
  await rig.load([{ name: 'a' }])
  const started = rig.pulse.start()
  rig.pulse.pause('a')
  await rig.until(started)
  await rig.advance(20_000)
  expect(rig.probes).toEqual([])
  expect(rig.pulse.metrics.byState).toMatchObject({ disabled: 1, unknown: 0 })
})

test('kinds that come along have bounds of their own', () => {
  const { checks } = createKinds()
  const bounded = [...checks.values()].filter(({ maxUnderWay }) => maxUnderWay !== undefined)
  expect(bounded.map(({ type }) => type).toSorted()).toEqual(['dns', 'docker', 'icmp'])
  for (const { maxUnderWay } of bounded) expect(maxUnderWay).toBeLessThanOrEqual(1000)
  expect(createPulse().health.isHealthy).toBe(false)
})

test('of a kind that hangs only so many are under way, and a host of the same name has room of its own', async () => {
  const monitors = Array.from({ length: 10 }, (_, number) => ({ name: `m${number}`, target: 'script' }))
  const rig = await createRig([...monitors], { answer: () => undefined, maxUnderWay: 3, maxChecksPerHost: 2 })
  let most = 0
  for (let ms = 0; ms < 25_000; ms += 250) {
    await rig.advance(250)
    most = Math.max(most, rig.pulse.metrics.checks.underWay)
  }
  // The host is called as the kind is: its bound is that of the host, and it takes none of the kind's room.
  expect(most).toBe(2)
  const others = Array.from({ length: 10 }, (_, number) => ({ name: `m${number}` }))
  const kind = await createRig(others, { answer: () => undefined, maxUnderWay: 3, maxChecksPerHost: 2 })
  most = 0
  for (let ms = 0; ms < 25_000; ms += 250) {
    await kind.advance(250)
    most = Math.max(most, kind.pulse.metrics.checks.underWay)
  }
  expect(most).toBe(3)
  expect(new Set(kind.probes.map(({ name }) => name)).size).toBe(10)
})
