import { availableParallelism } from 'node:os'
import { expect, test } from 'vitest'
import { simulate } from '../../src/simulate/simulate.ts'
import type { SimulatedFaults } from '../../src/simulate/simulated-faults.ts'
import { batchOf } from '../rig/create-rig.ts'
import { simulateSeeds } from './simulate-seeds.ts'

const isSlow = process.env.MILLRACE_SLOW !== undefined

test('the same seed is the same simulation, to the last bit', async () => {
  const of = (seed: number) => simulate({ seed, monitors: 40, checks: 1000 })
  const [first, second, other] = [await of(7), await of(7), await of(8)]
  expect(second).toEqual(first)
  expect(other.hash).not.toBe(first.hash)
})

/** In a short simulation there is all that goes wrong in a long one, closer together. */
const crowded = { storeOutages: 400, stalls: 400, clockJumps: 1000, crashes: 1000, restarts: 500, reloads: 1000 }

test('whatever goes wrong, no promise is broken', async () => {
  for (const seed of [3, 4]) {
    const monitors = [60, 100, 40][seed % 3]!
    const pulse = { alertCoolDownMs: seed % 2 === 0 ? 0 : 5000 }
    const report = await simulate({ seed, monitors, pulse, checks: 5000, faults: crowded })
    expect(report.violations, `seed ${seed}`).toEqual([])
  }
})

/** In full length the better part of an hour, on two cores. */
const long = isSlow ? { transitions: 100_000_000, checks: 500_000 } : { transitions: 10_000, checks: 5000 }

test('over very many changes of states no promise is broken', { timeout: 6 * 3_600_000 }, async () => {
  const report = await simulateSeeds({ ...long, threads: availableParallelism() })
  expect(report.broken).toEqual([])
  expect(report.transitions).toBeGreaterThanOrEqual(long.transitions)
})

const dense = { ...crowded, storeOutages: 2000, stalls: 2000, clockJumps: 5000, actions: 100_000 }

/** What once was taken for a broken promise: each in a crowd of all that goes wrong at once. */
const denseSeeds: readonly [what: string, seed: number, faults: Partial<SimulatedFaults>][] = [
  [
    'who came back was forgotten by the process before',
    5,
    { ...crowded, crashes: 20_000, restarts: 2000, reloads: 2000, storeOutages: 500, stalls: 500 },
  ],
  ['who came back was ill for the process before', 4, { ...dense, crashes: 5000, restarts: 3000, reloads: 5000 }],
  ['who came back was paused for the process before', 15, { ...dense, crashes: 5000, restarts: 3000, reloads: 5000 }],
  [
    'who left and came back is forgotten and kept in one commit',
    9,
    { ...dense, crashes: 5000, restarts: 3000, reloads: 5000 },
  ],
  [
    'who left and came back within an outage had been told of',
    13,
    { reloads: 20_000, actions: 100_000, restarts: 2000 },
  ],
  [
    'what was told in an outage is lost with its process, and its name is given again',
    2,
    { ...dense, crashes: 5000, restarts: 3000, reloads: 5000 },
  ],
]

for (const [what, seed, faults] of denseSeeds) {
  test(what, async () => {
    const { violations } = await simulate({ seed, monitors: 60, checks: 5000, faults })
    expect(violations).toEqual([])
  })
}

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
