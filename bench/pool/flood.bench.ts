import type { Bench } from '../harness/bench.ts'
import { median } from '../harness/median.ts'
import { rowBeside, type Samples } from '../harness/row.ts'
import { openRingThread } from './by-hand/bare-ring.ts'
import { openMessageThread } from './by-hand/messages.ts'
import { type Carrier, checkWhole, nsPerTask, tasksWithin } from './carrier.ts'
import { inTurns } from './in-turns.ts'
import { carriersOf, openOurs } from './ours/pool.ts'
import { carrierOf, fastestSetting } from './peers/fastest-setting.ts'
import { peers } from './peers/peers.ts'
import { IN_FLIGHT } from './polygon.ts'
import { closed } from './within.ts'

/** How many times faster than the fastest pool each way of ours is to be. */
const STREAM_GOAL = 30
const RUN_GOAL = 8
const FALLBACK_GOAL = 3
/** A stream may cost so much of what a ring costs by hand. */
const WITHIN_3X = 0.33

const CHECKED = 3 * IN_FLIGHT - 1

/**
 * What does a task cost when there are many: 64 doubles there and back, to one other thread, at most 4096 under way? Time
 * on the wall.
 */
export default async function flood(bench: Bench): Promise<void> {
  await using stack = new AsyncDisposableStack()
  const shared = carriersOf(stack.use(openOurs(1)), 'shared')
  const fallback = carriersOf(stack.use(openOurs(1, { sharedMemory: false })), 'fallback')
  const messages = stack.use(openMessageThread())
  const ring = stack.use(await openRingThread())
  const pools: Carrier[] = []
  const settings: string[] = []
  for (const peer of peers) {
    const setting = await fastestSetting(peer, bench.quick ? 1024 : IN_FLIGHT, IN_FLIGHT)
    const pool = setting.open(1)
    stack.defer(() => closed(peer.name, pool))
    pools.push(carrierOf(peer.name, pool, IN_FLIGHT))
    settings.push(`${peer.name} (${setting.options})`)
  }

  const ours = [shared.stream, shared.run, shared.map, fallback.stream, fallback.run, fallback.map]
  const byHand = [messages.single, messages.packed, ring.decoded]
  const carriers = [...ours, ...byHand, ...pools]
  for (const carrier of carriers) await checkWhole(carrier, CHECKED)
  const samples = await measure(bench, [...carriers, ring.inPlace])
  const of = ({ name }: Carrier) => samples.find((one) => one.name === name)!

  const fastest = pools.map(of).reduce((best, one) => (median(one.values) < median(best.values) ? one : best))
  const pool: Samples = { name: `fastest pool, ${fastest.name}`, values: fastest.values }
  const beside = (one: Carrier, peer: Samples, goal?: number) =>
    rowBeside(`pool/flood-${one.name.replace(' ', '-')}`, 'ns', of(one).values, peer, goal)
  const bestFallback = ours
    .slice(3)
    .reduce((best, one) => (median(of(one).values) < median(of(best).values) ? one : best))
  bench.report([
    beside(shared.stream, pool, STREAM_GOAL),
    beside(shared.stream, of(ring.decoded), WITHIN_3X),
    ...[ring.inPlace, ...byHand.slice(0, 2), ...pools].map((one) => beside(shared.stream, of(one))),
    beside(shared.run, pool, RUN_GOAL),
    beside(shared.run, of(messages.single)),
    beside(shared.map, pool),
    ...ours
      .slice(3)
      .flatMap((one) => [
        beside(one, pool, one === bestFallback ? FALLBACK_GOAL : undefined),
        beside(one, of(messages.packed)),
      ]),
  ])
  bench.tell(`Flood: each pool as it is fastest here, by a trial of each setting: ${settings.join('; ')}.`)
}

async function measure(bench: Bench, carriers: readonly Carrier[]): Promise<Samples[]> {
  const sampleMs = bench.quick ? 40 : 150
  const contenders = []
  for (const carrier of carriers) {
    const tasks = await tasksWithin(carrier, sampleMs, IN_FLIGHT)
    contenders.push({ name: carrier.name, sample: () => nsPerTask(carrier, tasks) })
  }
  return inTurns(contenders, bench.quick ? 5 : 11)
}
