import { expect, test } from 'vitest'
import { Verdict } from '../../src/checks/check.ts'
import { createRig, pass, type RigOptions } from '../rig/create-rig.ts'

const several = (count: number) => Array.from({ length: count }, (_, number) => ({ name: `m${number}` }))

/** An engine whose log is kept. */
async function withLog(count: number, options: RigOptions) {
  const told: object[] = []
  const write = (fields: object, message: string) => told.push({ ...fields, message })
  const rig = await createRig(several(count), {
    ...options,
    logger: { debug() {}, info() {}, warn: write, error: write },
  })
  return { rig, told }
}

test('a check that cannot be made is told of: of the monitor, in the log once a minute, and in the health', async () => {
  const { rig, told } = await withLog(3, { answer: () => Verdict.FAULT })
  await rig.advance(11_000)
  expect(rig.pulse.find('m0')).toMatchObject({ state: 'unknown', reason: undefined, fault: 'the script says so' })
  expect(rig.pulse.health.isHealthy).toBe(true)
  await rig.advance(40_000)
  expect(rig.pulse.health).toEqual({
    isHealthy: false,
    reasons: ['no check of the kind script can be made: the script says so'],
  })
  const line = { type: 'script', reason: 'the script says so', message: 'a check could not be made' }
  expect(told).toEqual([{ ...line, monitor: expect.any(String), streak: 1 }])
  await rig.advance(150_000)
  expect(told).toHaveLength(4)
  rig.answer = () => pass
  await rig.advance(11_000)
  expect(rig.pulse.health.isHealthy).toBe(true)
  expect(rig.pulse.find('m0')).toMatchObject({ state: 'up', fault: undefined })
})

test('one that can be made among those that cannot says that the kind is well', async () => {
  const { rig } = await withLog(12, { answer: (name) => (name === 'm0' ? pass : Verdict.FAULT) })
  await rig.advance(25_000)
  expect(rig.pulse.find('m1')!.fault).toBe('the script says so')
  for (let turn = 0; turn < 60; turn++) await rig.advance(1000)
  const { faults, passed } = rig.pulse.metrics.checks
  expect([passed > 5, faults > 60]).toEqual([true, true])
})

test('a check whose prober never says how it ended is a fault of ours, and somebody hears of it', async () => {
  const { rig, told } = await withLog(1, {})
  await rig.advance(20_000)
  rig.answer = () => undefined
  await rig.advance(12_200)
  expect(rig.pulse.find('m0')).toMatchObject({ state: 'up', fault: 'it did not end in its time, nor say so' })
  await rig.advance(100_000)
  expect(rig.pulse.health.isHealthy).toBe(false)
  expect(told.length).toBeGreaterThan(0)
  rig.answer = () => pass
  await rig.advance(11_000)
  expect(rig.pulse.health.isHealthy).toBe(true)
})

test('once nobody is left whose check could not be made, all is well', async () => {
  const end = {
    removed: (rig: Awaited<ReturnType<typeof createRig>>) => rig.load([{ name: 'other' }]),
    paused: async (rig: Awaited<ReturnType<typeof createRig>>) => {
      for (const { name } of several(2)) rig.pulse.pause(name)
    },
  }
  for (const after of Object.values(end)) {
    const { rig } = await withLog(2, { answer: (name) => (name === 'other' ? undefined : Verdict.FAULT) })
    await rig.advance(100_000)
    expect(rig.pulse.health.isHealthy).toBe(false)
    await after(rig)
    expect(rig.pulse.health.isHealthy).toBe(true)
  }
})

test('a check that has nothing to say yet is no fault', async () => {
  const { rig, told } = await withLog(1, { answer: () => undefined })
  for (let count = 0; count < 15; count++) {
    const { ticket } = await rig.untilProbe()
    rig.end(ticket, Verdict.FAULT, 1, undefined)
  }
  await rig.advance(100)
  expect(told).toEqual([])
  expect(rig.pulse.health.isHealthy).toBe(true)
  expect(rig.pulse.find('m0')).toMatchObject({ state: 'unknown', fault: undefined })
})

test('percentiles tell of the last one to two minutes, counts and sums of all', async () => {
  let isSlow = true
  const rig = await createRig([{ name: 'slow' }], { answer: () => undefined })
  const check = async () => {
    const { ticket } = await rig.untilProbe()
    rig.end(ticket, pass, isSlow ? 500 : 5, undefined)
    await rig.advance(0)
  }
  for (let count = 0; count < 6; count++) await check()
  expect(rig.pulse.metrics.latencyMs).toMatchObject({ count: 6, sum: 3000, max: 500 })
  isSlow = false
  for (let count = 0; count < 5; count++) await check()
  expect(rig.pulse.metrics.latencyMs).toMatchObject({ count: 11, max: 500 })
  for (let count = 0; count < 7; count++) await check()
  expect(rig.pulse.metrics.latencyMs).toMatchObject({ count: 18, sum: 3060, max: 5 })
  rig.pulse.pause('slow')
  await rig.advance(3_600_000)
  expect(rig.pulse.metrics.latencyMs).toMatchObject({ count: 18, p99: Number.NaN, max: Number.NaN })
})
