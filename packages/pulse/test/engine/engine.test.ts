import { expect, test } from 'vitest'
import { TICK_MS } from '../../src/dispatch/check-line.ts'
import { SimulatedClock } from '../../src/simulate/simulated-clock.ts'
import { createRig, fail, pass, Rig, START } from '../rig/create-rig.ts'

const api = { name: 'api', intervention: {} }
const accepted = { status: 'accepted' } as const

/** An engine with one monitor, which goes as far as a repair is made. */
async function withRepair() {
  const rig = await createRig([api], { answer: () => fail })
  await rig.advance(30_100)
  return rig
}

test('a good monitor is checked at each of its slots, and nobody is told', async () => {
  const rig = await createRig([api])
  await rig.advance(100_000)
  expect(rig.probes).toHaveLength(10)
  const [first] = rig.probes
  expect(rig.probes.map(({ at }) => Math.floor((at - first!.at) / 10) * 10)).toEqual(
    Array.from({ length: 10 }, (_, index) => index * 10_000),
  )
  expect(rig.path('api')).toEqual(['up'])
  expect(rig.alerts).toEqual([])
  expect(rig.pulse.metrics.checks).toMatchObject({ started: 10, passed: 10, skipped: 0, underWay: 0 })
})

test('yellow, one repair, cyan, then green', async () => {
  const rig = await withRepair()
  expect(rig.path('api')).toEqual(['degraded', 'needed', 'pending'])
  expect(rig.repairs).toHaveLength(1)
  expect(rig.told('api')).toEqual(['yellow'])
  rig.repairs[0]!.end(accepted)
  rig.answer = () => pass
  await rig.advance(30_000)
  expect(rig.path('api')).toEqual(['degraded', 'needed', 'pending', 'verifying', 'up'])
  expect(rig.told('api')).toEqual(['yellow', 'cyan', 'green'])
  expect(new Set(rig.alerts.map(({ incident }) => incident)).size).toBe(1)
  expect(rig.pulse.metrics.byState).toMatchObject({ up: 1, verifying: 0 })
})

test('yellow, one repair, cyan, then red, and no second repair', async () => {
  const rig = await withRepair()
  rig.repairs[0]!.end(accepted)
  await rig.advance(200_000)
  expect(rig.told('api')).toEqual(['yellow', 'cyan', 'red'])
  expect(rig.repairs).toHaveLength(1)
  rig.answer = () => pass
  await rig.advance(30_000)
  expect(rig.told('api')).toEqual(['yellow', 'cyan', 'red', 'green'])
})

test('a repair that is refused is red', async () => {
  const rig = await withRepair()
  rig.repairs[0]!.end({ status: 'refused', reason: 'no such container' })
  await rig.advance(100)
  expect(rig.told('api')).toEqual(['yellow', 'red'])
  expect(rig.alerts.at(-1)!.reason).toBe('no such container')
})

test('a repair that says nothing is held, its late answer is not heard, and it is never made again', async () => {
  const rig = await withRepair()
  await rig.advance(5000)
  expect(rig.told('api')).toEqual(['yellow', 'gray'])
  rig.repairs[0]!.end(accepted)
  await rig.advance(1000)
  expect(rig.path('api').at(-1)).toBe('held')
  await rig.advance(100_000)
  expect(rig.path('api').at(-1)).toBe('down')
  expect(rig.repairs).toHaveLength(1)
})

test('without a repair, the threshold is red', async () => {
  const rig = await createRig([{ name: 'api' }], { answer: () => fail })
  await rig.advance(40_000)
  expect(rig.told('api')).toEqual(['yellow', 'red'])
})

test('a repair cools down: the next incident within has none', async () => {
  const rig = await createRig([{ name: 'api', intervention: { coolDownMs: 600_000 } }], { answer: () => fail })
  await rig.advance(30_100)
  rig.repairs[0]!.end(accepted)
  rig.answer = () => pass
  await rig.advance(30_000)
  rig.answer = () => fail
  await rig.advance(60_000)
  expect(rig.repairs).toHaveLength(1)
  expect(rig.path('api').at(-1)).toBe('down')
  rig.answer = () => pass
  await rig.advance(600_000)
  rig.answer = () => fail
  await rig.advance(60_000)
  expect(rig.repairs).toHaveLength(2)
})

test('who flaps is told of once, is not repaired, and is told how it is once it has calmed down', async () => {
  let count = 0
  const rig = await createRig(
    [{ name: 'api', intervention: {}, check: { healthyThreshold: 1, unhealthyThreshold: 2 } }],
    {
      answer: () => (count++ % 2 === 0 ? fail : pass),
    },
  )
  await rig.advance(200_000)
  expect(rig.pulse.find('api')!.isFlapping).toBe(true)
  const told = rig.alerts.length
  await rig.advance(200_000)
  expect(rig.alerts).toHaveLength(told)
  rig.answer = () => fail
  await rig.advance(100_000)
  expect(rig.repairs).toHaveLength(0)
  await rig.advance(150_000)
  expect(rig.pulse.find('api')!.isFlapping).toBe(false)
  expect(rig.told('api').at(-1)).toBe('red')
  rig.answer = () => pass
  await rig.advance(20_000)
  expect(rig.told('api').at(-1)).toBe('green')
})

test('at most so many repairs at once, and so many a minute', async () => {
  const monitors = Array.from({ length: 30 }, (_, number) => ({
    name: `m${number}`,
    intervention: { timeoutMs: 1000 },
  }))
  const rig = await createRig(monitors, { answer: () => fail, maxInterventions: 3, maxInterventionsPerMinute: 6 })
  await rig.advance(30_100)
  expect(rig.repairs).toHaveLength(6)
  expect(rig.pulse.metrics.interventions).toMatchObject({ isStorm: true })
  const times = () => rig.repairs.map(({ at }) => at)
  await rig.advance(400_000)
  expect(rig.repairs).toHaveLength(30)
  for (const [index, at] of times().entries()) {
    if (index >= 6) expect(at - times()[index - 6]!).toBeGreaterThanOrEqual(60_000)
    if (index >= 3) expect(at - times()[index - 3]!).toBeGreaterThanOrEqual(1000)
  }
})

test('silenced, nothing is told; then, what is so', async () => {
  const rig = await createRig([{ name: 'api' }])
  await rig.advance(10_000)
  rig.pulse.silence('api', 60_000)
  rig.answer = () => fail
  await rig.advance(50_000)
  expect(rig.alerts).toEqual([])
  await rig.advance(30_000)
  expect(rig.told('api')).toEqual(['red'])
})

test('silenced from its beginning to its end, an incident is told to nobody', async () => {
  const rig = await createRig([{ name: 'api' }], { answer: () => fail })
  rig.pulse.silence('api', 100_000)
  await rig.advance(50_000)
  rig.answer = () => pass
  await rig.advance(200_000)
  expect(rig.alerts).toEqual([])
})

test('acknowledged, nothing is told of an incident but its end', async () => {
  const rig = await createRig([{ name: 'api' }], { answer: () => fail })
  await rig.advance(10_000)
  rig.pulse.acknowledge('api')
  await rig.advance(50_000)
  expect(rig.told('api')).toEqual(['yellow'])
  rig.answer = () => pass
  await rig.advance(30_000)
  expect(rig.told('api')).toEqual(['yellow', 'green'])
  rig.answer = () => fail
  await rig.advance(30_000)
  expect(rig.told('api')).toEqual(['yellow', 'green', 'yellow', 'red'])
})

test('between two alerts there is a time, which green passes', async () => {
  const rig = await createRig([{ name: 'api' }], { answer: () => fail, alertCoolDownMs: 100_000 })
  await rig.advance(50_000)
  expect(rig.told('api')).toEqual(['yellow'])
  await rig.advance(70_000)
  expect(rig.told('api')).toEqual(['yellow', 'red'])
  rig.answer = () => pass
  await rig.advance(30_000)
  expect(rig.told('api')).toEqual(['yellow', 'red', 'green'])
})

test('where green goes nowhere, the next incident is told as the first was', async () => {
  const codes = { red: [{ type: 'book', config: {} }] }
  const rig = await createRig([{ name: 'api', codes }], { answer: () => fail, alertCoolDownMs: 100_000 })
  await rig.advance(40_000)
  rig.answer = () => pass
  await rig.advance(40_000)
  rig.answer = () => fail
  await rig.advance(200_000)
  expect(rig.told('api')).toEqual(['red', 'red'])
  expect(new Set(rig.alerts.map(({ incident }) => incident)).size).toBe(2)
})

test('paused, it is not checked; resumed, it is; a check from before does not count', async () => {
  const rig = await createRig([{ name: 'api' }], { answer: () => undefined })
  await rig.advance(10_000)
  const [probe] = rig.probes
  rig.pulse.pause('api')
  await rig.advance(50_000)
  expect(rig.probes).toHaveLength(1)
  expect(rig.pulse.runNow('api')).toBe(false)
  rig.pulse.resume('api')
  rig.answer = () => pass
  await rig.advance(10_000)
  expect(rig.probes).toHaveLength(2)
  rig.end(probe!.ticket, fail, 1, 'late')
  await rig.advance(100)
  expect(rig.path('api')).toEqual(['disabled', 'unknown', 'up'])
})

test('a result that comes after a pause and its end is fenced off', async () => {
  const rig = await createRig([{ name: 'api' }], { answer: () => undefined })
  const probe = await rig.untilProbe()
  rig.pulse.pause('api')
  rig.pulse.resume('api')
  rig.end(probe.ticket, fail, 1, 'of the past')
  await rig.advance(0)
  expect(rig.pulse.find('api')!.state).toBe('unknown')
  expect(rig.pulse.metrics.checks.fenced).toBe(1)
})

test('a pause in the midst of a repair does not bring a second one', async () => {
  const rig = await withRepair()
  rig.pulse.pause('api')
  rig.pulse.resume('api')
  await rig.advance(100_000)
  expect(rig.repairs).toHaveLength(1)
  expect(rig.told('api').at(-1)).toBe('red')
})

test('maintenance: not checked meanwhile, and anew after', async () => {
  const maintenance = [{ cron: '1 0 * * *', durationMs: 60_000, timezone: 'UTC' }]
  const rig = await createRig([{ name: 'api', maintenance }])
  await rig.advance(60_500)
  expect(rig.path('api')).toEqual(['up', 'maintenance'])
  const checks = rig.probes.length
  await rig.advance(59_000)
  expect(rig.probes).toHaveLength(checks)
  await rig.advance(20_000)
  expect(rig.path('api')).toEqual(['up', 'maintenance', 'unknown', 'up'])
})

test('a check that never ends is given up within its timeout and a tick; a late answer is not heard', async () => {
  const rig = await createRig([{ name: 'api' }], { answer: () => undefined })
  const probe = await rig.untilProbe()
  await rig.advance(1999)
  expect(rig.pulse.metrics.checks).toMatchObject({ recovered: 0, underWay: 1 })
  await rig.advance(1 + TICK_MS)
  expect(rig.pulse.metrics.checks).toMatchObject({ recovered: 1, underWay: 0, faults: 0 })
  rig.end(probe.ticket, fail, 1, 'late')
  await rig.advance(0)
  expect(rig.pulse.find('api')!.state).toBe('unknown')
  expect(rig.pulse.metrics.checks).toMatchObject({ started: 1, recovered: 1, failed: 0, fenced: 0 })
})

test('a check that was asked for, and never ends, is given up as soon', async () => {
  const rig = await createRig([{ name: 'api', check: { intervalMs: 3_600_000 } }], { answer: () => undefined })
  expect(rig.pulse.runNow('api')).toBe(true)
  expect(rig.pulse.runNow('api')).toBe(false)
  await rig.advance(2000 + TICK_MS)
  expect(rig.pulse.metrics.checks).toMatchObject({ started: 1, recovered: 1 })
})

test('a check that never ends is given up also where each tick is late', async () => {
  class LateClock extends SimulatedClock {
    override after(ms: number, callback: () => void) {
      return super.after(ms + 30, callback)
    }
  }
  const rig = await createRig([{ name: 'api' }], { answer: () => undefined, clock: new LateClock(START) })
  await rig.untilProbe()
  await rig.advance(2000 + 2 * (30 + TICK_MS))
  expect(rig.pulse.metrics.checks).toMatchObject({ started: 1, recovered: 1 })
})

test('at the end of its time a prober is asked, and what it knows counts; its own word for it comes too late', async () => {
  const rig = await createRig([{ name: 'api' }], { answer: () => undefined })
  const probe = await rig.untilProbe()
  rig.expire = (ticket) => rig.end(ticket, fail, 2000, 'connected, and silent')
  await rig.advance(2000 + TICK_MS)
  rig.end(probe.ticket, pass, 2000, undefined)
  await rig.advance(0)
  expect(rig.pulse.find('api')).toMatchObject({ state: 'degraded', reason: 'connected, and silent' })
  expect(rig.pulse.metrics.checks).toMatchObject({ failed: 1, passed: 0, recovered: 0, underWay: 0 })
})

test('a check whose prober cannot be asked has had no answer', async () => {
  const rig = await createRig([{ name: 'api' }], { answer: () => undefined, canBeAsked: false })
  await rig.untilProbe()
  await rig.advance(2000 + TICK_MS)
  expect(rig.pulse.find('api')).toMatchObject({ state: 'degraded', reason: 'no answer in time', lastLatencyMs: 2000 })
  expect(rig.pulse.metrics.checks).toMatchObject({ failed: 1, recovered: 0, underWay: 0 })
})

test('one that is asked may end others with it, whose places are taken at once by those that wait', async () => {
  const names = Array.from({ length: 9 }, (_, number) => `m${number}`)
  const rig = await createRig(
    names.map((name) => ({ name, check: { intervalMs: 3_600_000 } })),
    { answer: () => undefined, maxChecks: 3 },
  )
  for (const name of names) expect(rig.pulse.runNow(name)).toBe(true)
  rig.expire = () => {
    for (const { ticket } of rig.probes.splice(0)) rig.end(ticket, fail, 2000, 'no answer')
  }
  for (let round = 1; round <= 3; round++) {
    const begun = rig.probes.map(({ name }) => name)
    expect(begun).toEqual(names.slice(3 * round - 3, 3 * round))
    await rig.advance(1990)
    expect(rig.probes).toHaveLength(3)
    await rig.advance(10 + 2 * TICK_MS)
  }
  expect(rig.pulse.metrics.checks).toMatchObject({ started: 9, failed: 9, recovered: 0, underWay: 0 })
})

test('where many end at once, others begin little by little, and all of them', async () => {
  const names = Array.from({ length: 900 }, (_, number) => `m${number}`)
  const rig = await createRig(
    names.map((name) => ({ name, check: { intervalMs: 3_600_000, timeoutMs: 600_000 } })),
    { answer: () => undefined, maxChecks: 300 },
  )
  for (const name of names) expect(rig.pulse.runNow(name)).toBe(true)
  await rig.advance(TICK_MS)
  expect(rig.probes).toHaveLength(300)
  for (const { ticket } of [...rig.probes]) rig.end(ticket, pass, 1, undefined)
  expect(rig.probes.length).toBeLessThanOrEqual(350)
  await rig.advance(TICK_MS)
  expect(rig.probes).toHaveLength(600)
  for (const { ticket } of rig.probes.slice(300)) rig.end(ticket, pass, 1, undefined)
  await rig.advance(TICK_MS)
  expect(new Set(rig.probes.map(({ name }) => name)).size).toBe(900)
})

test('of a monitor one check at a time, and the slots it misses are counted', async () => {
  const rig = await createRig([{ name: 'api', check: { intervalMs: 1000, timeoutMs: 1500 } }], {
    answer: () => undefined,
  })
  await rig.advance(20_000)
  const { started, skipped, recovered } = rig.pulse.metrics.checks
  expect(started + skipped).toBe(20)
  expect(started).toBe(10)
  expect(recovered).toBeGreaterThanOrEqual(9)
})

test('of one host, only so many checks at once; others are not held up', async () => {
  const monitors = Array.from({ length: 20 }, (_, number) => ({ name: `m${number}`, target: 'slow' }))
  const rig = await createRig([...monitors, { name: 'api' }], {
    answer: (name) => (name === 'api' ? pass : undefined),
    maxChecksPerHost: 4,
  })
  await rig.advance(10_000)
  expect(rig.pulse.find('api')!.state).toBe('up')
  const times = rig.probes.filter(({ name }) => name !== 'api').map(({ at }) => at)
  for (const [index, at] of times.entries()) if (index >= 4) expect(at - times[index - 4]!).toBeGreaterThanOrEqual(2000)
  await rig.advance(60_000)
  expect(new Set(rig.probes.map(({ name }) => name)).size).toBe(21)
})

test('those that fail leave room for those that do not', async () => {
  const ill = Array.from({ length: 40 }, (_, number) => ({ name: `ill${number}` }))
  const well = Array.from({ length: 4 }, (_, number) => ({ name: `well${number}` }))
  const rig = await createRig([...ill, ...well], {
    answer: (name) => (name.startsWith('well') ? pass : fail),
    maxChecks: 8,
  })
  await rig.advance(20_000)
  rig.answer = (name) => (name.startsWith('well') ? pass : undefined)
  await rig.advance(30_000)
  const before = rig.pulse.metrics.latenessMs.count
  expect(before).toBeGreaterThan(0)
  const begun = rig.probes.filter(({ name, at }) => name.startsWith('well') && at > 30_000)
  expect(begun.length).toBeGreaterThanOrEqual(7)
})

test('a full lane changes nothing of those that do not fit, and they come later', async () => {
  const monitors = Array.from({ length: 400 }, (_, number) => ({ name: `m${number}` }))
  const rig = await createRig(monitors, { answer: () => undefined, maxChecks: 1, laneSizes: { pulse: 100 } })
  await rig.advance(30_000)
  const { started, waiting } = rig.pulse.metrics.checks
  expect(waiting).toBeLessThanOrEqual(100)
  expect(started).toBeGreaterThan(5)
  expect(rig.pulse.metrics.byState.unknown).toBe(400)
  rig.answer = () => pass
  await rig.advance(60_000)
  expect(rig.pulse.metrics.byState.up).toBe(400)
})

test('another manifest: the unchanged keep their state, the changed begin anew, the gone are told of', async () => {
  const rig = await createRig([{ name: 'a' }, { name: 'b' }, { name: 'c' }], { answer: () => fail })
  await rig.advance(40_000)
  const report = await rig.load([{ name: 'a' }, { name: 'b', check: { intervalMs: 20_000 } }, { name: 'd' }])
  expect(report).toEqual({ added: 1, changed: 1, removed: 1, unchanged: 1 })
  expect(rig.pulse.list().map(({ name, state }) => [name, state])).toEqual([
    ['a', 'down'],
    ['b', 'unknown'],
    ['d', 'unknown'],
  ])
  await rig.advance(1000)
  expect(rig.told('c')).toEqual(['yellow', 'red', 'gray'])
  expect(rig.pulse.find('c')).toBeUndefined()
  expect(await rig.load([{ name: 'a' }, { name: 'e' }])).toEqual({ added: 1, changed: 0, removed: 2, unchanged: 1 })
  expect(await rig.load([{ name: 'a' }, { name: 'e' }, { name: 'f' }])).toMatchObject({ added: 1, removed: 0 })
  expect(
    rig.pulse
      .list()
      .map(({ name }) => name)
      .toSorted(),
  ).toEqual(['a', 'e', 'f'])
  const { byState, monitors } = rig.pulse.metrics
  expect(Object.values(byState).reduce((sum, count) => sum + count)).toBe(monitors)
})

test('a monitor that is gone while it is checked leaves nothing behind', async () => {
  const rig = await createRig([{ name: 'a' }], { answer: () => undefined })
  await rig.advance(10_000)
  const [probe] = rig.probes
  await rig.load([{ name: 'b' }])
  rig.end(probe!.ticket, fail, 1, 'of another')
  await rig.load([{ name: 'b' }, { name: 'c' }])
  rig.answer = () => pass
  await rig.advance(20_000)
  expect(rig.pulse.metrics.byState).toMatchObject({ up: 2, unknown: 0 })
  expect([rig.pulse.find('b')!.state, rig.pulse.find('c')!.state]).toEqual(['up', 'up'])
})

test('after a restart all is as it was, and nothing is told twice', async () => {
  const rig = await createRig([api, { name: 'db' }], { answer: () => fail })
  await rig.advance(30_100)
  rig.repairs[0]!.end(accepted)
  await rig.advance(40_000)
  rig.pulse.pause('db')
  await rig.until(rig.pulse.stop())
  expect(rig.told('api')).toEqual(['yellow', 'cyan', 'red'])
  const next = await createRig([api, { name: 'db' }], { answer: () => fail, store: rig.store, clock: rig.clock })
  await next.advance(60_000)
  expect(next.alerts).toEqual([])
  expect(next.repairs).toEqual([])
  expect(next.pulse.find('api')).toMatchObject({ state: 'down' })
  expect(next.pulse.find('db')).toMatchObject({ state: 'disabled', isPaused: true })
  next.answer = () => pass
  await next.advance(60_000)
  expect(next.told('api')).toEqual(['green'])
  expect(next.alerts[0]!.incident).toBe(rig.alerts[0]!.incident)
})

test('a repair that was under way when the process died is held, and not made again', async () => {
  const rig = await withRepair()
  await rig.crash()
  const next = await createRig([api], { answer: () => fail, store: rig.store, clock: rig.clock })
  await next.advance(0)
  expect(next.pulse.find('api')!.state).toBe('held')
  await next.advance(100_000)
  expect(next.repairs).toEqual([])
  expect(next.told('api')).toEqual(['gray', 'red'])
})

test('an alert that was not delivered when the process died is delivered by the next, as the same', async () => {
  const rig = await createRig([{ name: 'api' }], { answer: () => fail })
  const tried: string[] = []
  rig.deliver = async ({ id }) => {
    tried.push(id)
    throw new Error('nobody answers')
  }
  await rig.advance(15_000)
  await rig.crash()
  const next = await createRig([{ name: 'api' }], { store: rig.store, clock: rig.clock, answer: () => fail })
  await next.advance(100)
  expect(next.alerts.map(({ id }) => id)).toEqual([tried[0]])
})

test('alerts wait for monitors that are loaded after the start', async () => {
  const rig = await createRig([{ name: 'api' }], { answer: () => fail })
  rig.deliver = () => Promise.reject(new Error('nobody answers'))
  await rig.advance(15_000)
  await rig.crash()
  const next = new Rig({ store: rig.store, clock: rig.clock })
  await next.until(next.pulse.start())
  await next.advance(1000)
  await next.load([{ name: 'api' }])
  await next.advance(1000)
  expect(next.told('api')).toEqual(['yellow'])
})

test('where the store fails, alerts are told and repairs are refused; then all is kept', async () => {
  const rig = new Rig({ answer: () => fail })
  let isBroken = true
  const commit = rig.store.commit.bind(rig.store)
  let commits = 0
  rig.store.commit = async (changes) => {
    if (isBroken) throw new Error('the disk is full')
    commits++
    await commit(changes)
  }
  await rig.load([api])
  await rig.until(rig.pulse.start())
  await rig.advance(40_000)
  expect(rig.repairs).toEqual([])
  expect(rig.told('api')).toEqual(['yellow', 'red'])
  expect(rig.pulse.health.reasons).toEqual(['state is not kept: the disk is full'])
  isBroken = false
  await rig.advance(2000)
  expect(commits).toBeGreaterThan(0)
  expect(rig.pulse.health.isHealthy).toBe(true)
})

test('it stops where the store fails', async () => {
  const rig = new Rig({ answer: () => fail })
  rig.store.commit = () => Promise.reject(new Error('the disk is full'))
  await rig.load([api])
  await rig.until(rig.pulse.start())
  await rig.advance(40_000)
  const from = rig.clock.now()
  await rig.until(rig.pulse.stop({ withinMs: 3000 }))
  expect(rig.clock.now() - from).toBeLessThanOrEqual(20_000)
  await rig.advance(10_000)
  expect(rig.clock.nextAt()).toBe(Number.POSITIVE_INFINITY)
})

test('the wall clock jumps: a check at the next slot, none for those that were missed, none twice', async () => {
  const rig = await createRig([{ name: 'api' }])
  await rig.advance(50_000)
  const before = rig.probes.length
  rig.clock.jump(3_600_000)
  await rig.advance(50_000)
  expect(rig.probes.length - before).toBeGreaterThanOrEqual(4)
  expect(rig.probes.length - before).toBeLessThanOrEqual(6)
  const then = rig.probes.length
  rig.clock.jump(-7_200_000)
  await rig.advance(50_000)
  expect(rig.probes.length - then).toBeGreaterThanOrEqual(4)
  expect(rig.probes.length - then).toBeLessThanOrEqual(6)
  rig.clock.jump(-300)
  await rig.advance(50_000)
  expect(rig.pulse.metrics.latenessMs.max).toBeLessThan(10)
})

test('stopped, it begins nothing more', async () => {
  const rig = await createRig([api], { answer: () => undefined })
  await rig.advance(15_000)
  await rig.until(rig.pulse.stop())
  const { length } = rig.probes
  rig.end(rig.probes[0]!.ticket, fail, 1, 'late')
  expect(rig.pulse.runNow('api')).toBe(false)
  await rig.advance(60_000)
  expect(rig.probes).toHaveLength(length)
  expect(rig.events).toEqual([])
})
