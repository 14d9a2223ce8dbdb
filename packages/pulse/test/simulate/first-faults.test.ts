import { describe, expect, test } from 'vitest'
import { createPulse } from '../../src/create-pulse.ts'
import { readManifest } from '../../src/manifest/read-manifest.ts'
import type { Pulse, PulseOptions } from '../../src/pulse.ts'
import { type SimulateOptions, simulate } from '../../src/simulate/simulate.ts'
import { KINDS } from '../manifest/kinds.ts'
import { batchOf, Rig } from '../rig/create-rig.ts'
import * as engines from './mutants/engines.ts'
import * as faults from './mutants/first-faults.ts'

type Create = (options: PulseOptions) => Pulse
type Simulated = Omit<SimulateOptions, 'create'>

/** The faults that this kind of engine was known for, before it was this one: each put back, beside the engine there is, where it shows. */
const simulated: readonly [fault: string, mutant: () => Promise<Create>, rule: string, world: Simulated][] = [
  [
    'a check for which a queue has no room is lost, and its monitor pending for ever',
    engines.losesWhatDoesNotFit,
    'not checked any more',
    {
      seed: 4,
      monitors: 200,
      checks: 1500,
      faults: { stalls: 3000 },
      pulse: { maxChecks: 6, laneSizes: { pulse: 100 } },
    },
  ],
  [
    'an intervention for which a queue has no room is lost, and its monitor waits for ever',
    faults.losesTheOrder,
    'stuck',
    {
      seed: 4,
      monitors: 150,
      checks: 1500,
      faults: { heals: 0, crashes: 0, restarts: 0, reloads: 0, actions: 0 },
      pulse: { maxInterventions: 1, laneSizes: { intervention: 1 } },
    },
  ],
  [
    'a check that never ends is pending for ever',
    engines.neverRecovers,
    'a check is stuck',
    { seed: 4, monitors: 150, checks: 3000, faults: { delays: 0, duplicates: 0 } },
  ],
  [
    'one that fails takes those of its batch along',
    engines.spoilsTheBatch,
    'a result was not heard',
    { seed: 4, monitors: 150, checks: 3000 },
  ],
  [
    'one place for what is to be told: the next colour takes that of the last',
    engines.overwritesColours,
    'an alert was not delivered',
    { seed: 4, monitors: 20, checks: 1000, faults: { deliveries: 0.5, crashes: 0, restarts: 0, reloads: 0 } },
  ],
  [
    'a result that comes after its check was given up is taken for the next one’s',
    faults.takesTheLateForFresh,
    'a change without cause',
    { seed: 4, monitors: 150, checks: 3000, faults: { drops: 0.05, delays: 0.1 } },
  ],
  [
    'a result from before an intervention is taken for one from after it',
    engines.hearsThePast,
    'a change without cause',
    { seed: 4, monitors: 150, checks: 3000, faults: { actions: 200_000 } },
  ],
  [
    'an intervention that said nothing in time is made again',
    engines.repeatsWhatIsUnknown,
    'no way from one state to the other',
    { seed: 4, monitors: 150, checks: 3000 },
  ],
  [
    'an intervention is made with each failure of an incident',
    engines.forgetsRepairs,
    'an intervention before it was kept that it is made',
    { seed: 4, monitors: 150, checks: 3000 },
  ],
]

describe('a simulation finds it where', () => {
  for (const [fault, mutant, rule, world] of simulated) {
    test(fault, async () => {
      expect((await simulate(world)).violations).toEqual([])
      const { violations } = await simulate({ ...world, create: await mutant() })
      expect(violations.map((violation) => violation.rule)).toContain(rule)
    })
  }
})

/** Where in its interval each check of a target that takes its time begins. */
async function phases(create: Create): Promise<ReadonlySet<number>> {
  const rig = new Rig({ create, latencyMs: 600 })
  await rig.load([{ name: 'api', check: { intervalMs: 1000 } }])
  await rig.until(rig.pulse.start())
  await rig.advance(30_000)
  return new Set(rig.probes.map(({ at }) => at % 1000))
}

test('checks begin at their slots, and where the next is due an interval after a result they drift', async () => {
  expect((await phases(createPulse)).size).toBe(1)
  expect((await phases(await faults.countsFromTheResult())).size).toBeGreaterThan(1)
})

const ZERO =
  '{"name": "api", "pulse_check": {"type": "tcp", "interval": "1s", "max_failures": 0, "config": {"host": "h", "port": 1}}}'

test('max_failures: 0 is refused, and not by a reader that takes it', async () => {
  const read = (reader: typeof readManifest) =>
    Array.fromAsync(reader([Buffer.from(ZERO)], { ...KINDS, format: 'ndjson' }))
  await expect(read(readManifest)).rejects.toMatchObject({ code: 'MANIFEST_INVALID' })
  expect((await read(await faults.readsZero()))[0]?.profiles[0]?.check.unhealthyThreshold).toBe(0)
})

test('a threshold of 0 that comes from no manifest is refused too, and not by an engine that does not look', async () => {
  const load = async (create: Create) => {
    const rig = new Rig({ create })
    await rig.until(rig.pulse.load([batchOf([{ name: 'api', check: { unhealthyThreshold: 0 } }])]))
  }
  await expect(load(createPulse)).rejects.toMatchObject({ code: 'OPTION_INVALID' })
  await expect(load(await faults.loadsZero())).resolves.toBeUndefined()
})
