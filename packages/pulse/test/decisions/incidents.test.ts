import { expect, test } from 'vitest'
import { createKinds } from '../../src/kinds.ts'
import { SimulatedClock } from '../../src/simulate/simulated-clock.ts'
import { createRig, fail, pass, Rig, START } from '../rig/create-rig.ts'

const accepted = { status: 'accepted' } as const

test('after a pause an incident is over after as many good checks as any', async () => {
  const rig = await createRig([{ name: 'api', check: { healthyThreshold: 3 } }], { answer: () => fail })
  await rig.advance(40_000)
  rig.pulse.pause('api')
  rig.pulse.resume('api')
  rig.answer = () => pass
  await rig.advance(20_000)
  expect(rig.pulse.find('api')!.state).toBe('unknown')
  expect(rig.told('api')).toEqual(['yellow', 'red'])
  await rig.advance(10_000)
  expect(rig.pulse.find('api')!.state).toBe('up')
  expect(rig.told('api')).toEqual(['yellow', 'red', 'green'])
})

test('of what nobody was told anything, the first good check is enough', async () => {
  const rig = await createRig([{ name: 'api', check: { healthyThreshold: 3 } }])
  await rig.advance(10_100)
  expect(rig.path('api')).toEqual(['up'])
})

test('an incident that could not be repaired while the last repair cooled down is repaired after', async () => {
  const rig = await createRig([{ name: 'api', intervention: { coolDownMs: 300_000 } }], { answer: () => fail })
  await rig.advance(30_100)
  rig.repairs[0]!.end(accepted)
  rig.answer = () => pass
  await rig.advance(30_000)
  rig.answer = () => fail
  await rig.advance(60_000)
  expect(rig.told('api').slice(3)).toEqual(['yellow', 'red'])
  expect(rig.repairs).toHaveLength(1)
  for (let s = 0; s < 240 && rig.repairs.length === 1; s++) await rig.advance(1000)
  expect(rig.repairs).toHaveLength(2)
  expect(rig.repairs[1]!.at - rig.repairs[0]!.at).toBeLessThanOrEqual(310_000)
  expect(rig.repairs[1]!.order.incident).not.toBe(rig.repairs[0]!.order.incident)
  rig.repairs[1]!.end(accepted)
  rig.answer = () => pass
  await rig.advance(30_000)
  expect(rig.told('api').slice(3)).toEqual(['yellow', 'red', 'cyan', 'green'])
})

test('who was told of an incident hears that its monitor is gone, as the end of it', async () => {
  const rig = await createRig([{ name: 'ill' }, { name: 'well' }], { answer: (name) => (name === 'ill' ? fail : pass) })
  await rig.advance(40_000)
  await rig.load([{ name: 'other' }])
  await rig.advance(1000)
  expect(rig.told('well')).toEqual([])
  expect(rig.told('ill')).toEqual(['yellow', 'red', 'gray'])
  const last = rig.alerts.at(-1)!
  expect(last).toMatchObject({ state: 'disabled', reason: 'it is not monitored any more' })
  expect(last.incident).toBe(rig.alerts[0]!.incident)
})

test('who is still to hear that it is well hears that it is gone, too', async () => {
  const rig = await createRig([{ name: 'api' }], { answer: () => fail })
  await rig.advance(40_000)
  rig.pulse.silence('api', 3_600_000)
  rig.answer = () => pass
  await rig.advance(30_000)
  expect(rig.pulse.find('api')!.state).toBe('up')
  await rig.load([])
  await rig.advance(100)
  expect(rig.told('api')).toEqual(['yellow', 'red', 'gray'])
})

test('what is to be told of a monitor that is gone is tried until it is, by the next process too', async () => {
  const rig = await createRig([{ name: 'ill' }, { name: 'worse' }, { name: 'well' }], {
    answer: (name) => (name === 'well' ? pass : fail),
  })
  await rig.advance(40_000)
  rig.deliver = () => Promise.reject(new Error('nobody answers'))
  await rig.load([{ name: 'worse' }, { name: 'well' }])
  await rig.advance(1000)
  expect(rig.pulse.metrics.alerts).toMatchObject({ waiting: 1, dead: 0 })
  rig.deliver = async () => {}
  await rig.advance(60_000)
  expect(rig.told('ill')).toEqual(['yellow', 'red', 'gray'])
  expect(rig.pulse.metrics.alerts).toMatchObject({ waiting: 0, dead: 0 })

  rig.deliver = () => Promise.reject(new Error('nobody answers'))
  await rig.load([{ name: 'well' }])
  await rig.advance(1000)
  await rig.crash()
  const next = await createRig([{ name: 'well' }], { store: rig.store, clock: rig.clock })
  await next.advance(1000)
  expect(next.told('worse')).toEqual(['gray'])
  expect(next.pulse.metrics.alerts).toMatchObject({ waiting: 0, dead: 0 })
})

/** What never ends on the clock of the test. */
const never = () => new Promise<never>(() => {})

test('stop takes the time it is given, all of its parts together, and a commit', async () => {
  for (const hangs of ['the repair', 'the store', 'the channel', 'all'] as const) {
    const rig = new Rig({ answer: () => fail })
    const isAll = hangs === 'all'
    if (isAll || hangs === 'the channel') rig.deliver = never
    await rig.load([{ name: 'api', intervention: { timeoutMs: 600_000 } }])
    await rig.until(rig.pulse.start())
    await rig.advance(20_500)
    if (isAll || hangs === 'the store') rig.store.commit = never
    await rig.advance(9700)
    expect(rig.path('api').at(-1)).toBe('pending')
    const from = rig.clock.now()
    await rig.until(rig.pulse.stop({ withinMs: 3000 }))
    const took = rig.clock.now() - from
    expect(took, hangs).toBeGreaterThan(0)
    expect(took, hangs).toBeLessThanOrEqual(3000 + 1000 + 10)
    await rig.advance(1_000_000)
    expect(rig.clock.nextAt(), hangs).toBe(Number.POSITIVE_INFINITY)
  }
})

test('a service that is to call has time to, whenever its monitor came, or came back', async () => {
  const clock = new SimulatedClock(START)
  const kinds = createKinds({ clock })
  const options = { everyMs: 10_000, graceMs: 2000 }
  const check = { type: 'heartbeat', intervalMs: 10_000, timeoutMs: 1000, options }
  const beat = () => kinds.beats.beat('heart')
  const rig = await createRig([], { clock, kinds: () => kinds })
  await rig.advance(3_600_000)
  await rig.load([{ name: 'heart', check, codes: {} }])
  await rig.advance(10_500)
  expect(rig.path('heart')).toEqual([])
  beat()
  await rig.advance(10_000)
  expect(rig.path('heart')).toEqual(['up'])
  rig.pulse.pause('heart')
  await rig.advance(3_600_000)
  rig.pulse.resume('heart')
  await rig.advance(11_000)
  expect(rig.path('heart')).toEqual(['up', 'disabled', 'unknown'])
  expect(rig.pulse.health.isHealthy).toBe(true)
  await rig.advance(20_000)
  expect(rig.path('heart').at(-1)).toBe('degraded')
  await rig.until(rig.pulse.stop())
})
