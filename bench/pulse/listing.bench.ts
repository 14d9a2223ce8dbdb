import { createKinds, createPulse } from '../../packages/pulse/src/index.ts'
import type { Bench } from '../harness/bench.ts'
import { compare } from '../harness/compare.ts'
import { batchesOf, nameOf, profileOf } from './monitors.ts'

const MONITORS = 100_000
const ROUNDS = 5

/** How long does it take to find the one of many whose name has a text in it, beside a look at every name as text? */
export default async function listing(bench: Bench): Promise<void> {
  const kinds = createKinds()
  const profile = await profileOf(kinds, {
    pulse_check: { type: 'http', interval: 30, config: { url: 'http://127.0.0.1/' } },
  })
  await using pulse = createPulse({ kinds })
  await pulse.load(batchesOf({ count: MONITORS, hosts: 1000, port: 80 }, [profile]))
  const names = Array.from({ length: MONITORS }, (_, monitor) => Buffer.from(nameOf(monitor)))
  const wanted = nameOf(MONITORS - 1).toUpperCase()
  const timed = (find: () => number) => () => {
    const begun = performance.now()
    const checksum = find()
    return { value: performance.now() - begun, checksum }
  }
  await compare(bench, {
    id: `listing/one-of-${MONITORS}-by-a-part-of-its-name`,
    unit: 'ms',
    rounds: ROUNDS,
    ours: timed(() => pulse.list({ name: wanted }).length),
    peers: [
      {
        name: 'each name as text',
        sample: timed(
          () => names.filter((name) => name.toString().toLowerCase().includes(wanted.toLowerCase())).length,
        ),
      },
    ],
  })
}
