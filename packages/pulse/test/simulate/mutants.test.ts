import { describe, expect, test } from 'vitest'
import { createPulse } from '../../src/create-pulse.ts'
import type { Pulse, PulseOptions } from '../../src/pulse.ts'
import { type SimulateOptions, simulate } from '../../src/simulate/simulate.ts'
import { Rig } from '../rig/create-rig.ts'
import * as engines from './mutants/engines.ts'

type Create = (options: PulseOptions) => Pulse

const world = { seed: 4, monitors: 150, checks: 3000, pulse: { maxInterventionsPerMinute: 40, maxInterventions: 5 } }

/** The rules that an engine breaks. */
async function brokenBy(create: Create, options: SimulateOptions = {}): Promise<string[]> {
  const { violations } = await simulate({ ...world, ...options, create })
  return [...new Set(violations.map(({ rule }) => rule))]
}

test('the engine there is breaks no rule there', async () => {
  expect(await brokenBy(createPulse)).toEqual([])
})

describe('a simulation finds an engine that', () => {
  const mutants: readonly [string, () => Promise<Create>, SimulateOptions?][] = [
    ['repairs before it is kept that it does', engines.repairsBeforeItIsKept],
    ['tells before it is kept what it tells', engines.tellsBeforeItIsKept],
    ['keeps no states', engines.keepsNoStates],
    ['lets a storm pass', engines.storms],
    ['does not damp', engines.doesNotDamp, { monitors: 60 }],
    ['gives up what does not end later than it must', engines.recoversLate],
    ['forgets who waits', engines.forgetsWhoWaits],
    [
      'tells what people know',
      engines.tellsWhatPeopleKnow,
      { monitors: 40, faults: { refusals: 0.6, heals: 0.05, actions: 0, commits: 0 }, pulse: { maxInterventions: 1 } },
    ],
    ['forgets what is under way', engines.forgetsWhatIsUnderWay, { faults: { actions: 100_000 } }],
  ]
  for (const [name, mutant, options] of mutants) {
    test(name, async () => {
      expect(await brokenBy(await mutant(), options)).not.toEqual([])
    })
  }
})

/** Where in its interval the next check of a monitor is due, time after time. */
async function phases(create: Create): Promise<ReadonlySet<number>> {
  const rig = new Rig({ create, latencyMs: 600, maxChecks: 1 })
  await rig.load([
    { name: 'api', check: { intervalMs: 1000 } },
    { name: 'db', check: { intervalMs: 1700 } },
  ])
  await rig.until(rig.pulse.start())
  const found = new Set<number>()
  for (let second = 0; second < 30; second++) {
    await rig.advance(1000)
    found.add(rig.pulse.find('api')!.nextCheckAt! % 1000)
  }
  return found
}

test('slots are pinned, and those of an engine that counts from the last check are not', async () => {
  expect((await phases(createPulse)).size).toBe(1)
  expect((await phases(await engines.countsFromTheCheck())).size).toBeGreaterThan(1)
})
