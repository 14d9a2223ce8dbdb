import { expect, test } from 'vitest'
import { createRig } from '../rig/create-rig.ts'

test('there are ticks while there is something to do, and none while there is not', async () => {
  const hour = 3_600_000
  const rig = await createRig([{ name: 'api', check: { intervalMs: hour } }])
  const until = rig.clock.now() + 24 * hour
  let turns = 0
  await rig.advance(0)
  for (; rig.clock.turn(until); turns++) await rig.advance(0)
  expect(rig.probes).toHaveLength(24)
  // The tick that begins a check, its answer, the turn that applies it; and the probers' deadline.
  expect(turns).toBeLessThanOrEqual(24 * 5)
  rig.pulse.pause('api')
  await rig.advance(0)
  for (turns = 0; rig.clock.turn(until + 24 * hour); turns++) await rig.advance(0)
  expect(turns).toBeLessThanOrEqual(1)
})
