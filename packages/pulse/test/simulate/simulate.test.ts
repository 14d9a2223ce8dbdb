import { expect, test } from 'vitest'
import { simulate } from '../../src/simulate/simulate.ts'
import { batchOf } from '../rig/create-rig.ts'

const isSlow = process.env.MILLRACE_SLOW !== undefined

test('the same seed is the same simulation, to the last bit', async () => {
  const of = (seed: number) => simulate({ seed, monitors: 40, checks: 1000 })
  const [first, second, other] = [await of(7), await of(7), await of(8)]
  expect(second).toEqual(first)
  expect(other.hash).not.toBe(first.hash)
})

/** In a short simulation there is all that goes wrong in a long one, closer together. */
const crowded = { storeOutages: 400, stalls: 400, clockJumps: 1000, crashes: 1000, restarts: 500, reloads: 1000 }

test('whatever goes wrong, no promise is broken', { timeout: 3_600_000 }, async () => {
  for (const seed of isSlow ? Array.from({ length: 40 }, (_, index) => index + 1) : [3, 4]) {
    const monitors = (isSlow ? [60, 150, 600] : [60, 100, 40])[seed % 3]!
    const pulse = { alertCoolDownMs: seed % 2 === 0 ? 0 : 5000 }
    const more = isSlow ? { checks: 1_000_000 } : { checks: 5000, faults: crowded }
    const report = await simulate({ seed, monitors, pulse, ...more })
    expect(report.violations, `seed ${seed}`).toEqual([])
  }
})

test('where nothing goes wrong, nothing happens but checks', async () => {
  const report = await simulate({ monitors: 100, hours: 0.01, faults: 'none' })
  expect(report).toMatchObject({ violations: [], transitions: 100, interventions: 0, deliveries: 0 })
  expect(report.simulatedMs).toBeGreaterThanOrEqual(36_000)
})

test('monitors of a manifest are simulated as they are', async () => {
  const monitors = [
    batchOf([
      { name: 'api', intervention: {} },
      { name: 'db', codes: {} },
    ]),
  ]
  const report = await simulate({ monitors, checks: 1000 })
  expect(report).toMatchObject({ monitors: 2, violations: [] })
  expect(report.interventions).toBeGreaterThan(0)
})
