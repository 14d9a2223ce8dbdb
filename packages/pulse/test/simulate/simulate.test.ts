import { expect, test } from 'vitest'
import { simulate } from '../../src/simulate/simulate.ts'
import { batchOf } from '../rig/create-rig.ts'

const isSlow = process.env.MILLRACE_SLOW !== undefined

test('the same seed is the same simulation, to the last bit', async () => {
  const of = (seed: number) => simulate({ seed, monitors: 100, checks: 2000 })
  const [first, second, other] = [await of(7), await of(7), await of(8)]
  expect(second).toEqual(first)
  expect(other.hash).not.toBe(first.hash)
})

test('whatever goes wrong, no promise is broken', { timeout: 3_600_000 }, async () => {
  const seeds = isSlow ? 40 : 2
  for (let seed = 1; seed <= seeds; seed++) {
    const monitors = [60, 150, 600][seed % 3]!
    const pulse = { alertCoolDownMs: seed % 2 === 0 ? 0 : 5000 }
    const report = await simulate({ seed, monitors, checks: isSlow ? 1_000_000 : 10_000, pulse })
    expect(report.violations, `seed ${seed}`).toEqual([])
  }
})

test('where nothing goes wrong, nothing happens but checks', async () => {
  const report = await simulate({ monitors: 500, hours: 0.01, faults: 'none' })
  expect(report).toMatchObject({ violations: [], transitions: 500, interventions: 0, deliveries: 0 })
  expect(report.simulatedMs).toBeGreaterThanOrEqual(36_000)
})

test('monitors of a manifest are simulated as they are', async () => {
  const monitors = [
    batchOf([
      { name: 'api', intervention: {} },
      { name: 'db', codes: {} },
    ]),
  ]
  const report = await simulate({ monitors, checks: 2000 })
  expect(report).toMatchObject({ monitors: 2, violations: [] })
  expect(report.interventions).toBeGreaterThan(0)
})
