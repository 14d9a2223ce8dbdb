import { AHEAD, type Bench } from '../harness/bench.ts'
import { rowBeside } from '../harness/row.ts'
import { openMessageThread } from './by-hand/messages.ts'
import { type Carrier, checkWhole, floodByCalls, nsPerTask, tasksWithin } from './carrier.ts'
import { inTurns } from './in-turns.ts'
import { openOurs } from './ours/pool.ts'
import { carrierOf, fastestSetting } from './peers/fastest-setting.ts'
import { peers } from './peers/peers.ts'
import { closed } from './within.ts'

/** How long does an `await` take when nothing else is to be done: 64 doubles there and back, one after the other? */
export default async function oneAtATime(bench: Bench): Promise<void> {
  await using stack = new AsyncDisposableStack()
  const alone = (name: string, echo: (polygon: Float64Array) => PromiseLike<unknown>): Carrier => ({
    name,
    flood: (count, receipts) => floodByCalls(echo, count, receipts, 1),
  })
  const [ours, fallback] = [true, false].map((sharedMemory) => {
    const pool = stack.use(openOurs(1, { sharedMemory }))
    return alone(sharedMemory ? 'shared' : 'fallback', (polygon) => pool.run('echo', polygon))
  })
  const messages = stack.use(openMessageThread())
  const carriers = [ours!, fallback!, alone('raw postMessage', (polygon) => messages.echo(polygon))]
  const settings: string[] = []
  for (const peer of peers) {
    const setting = await fastestSetting(peer, bench.quick ? 200 : 1000, 1)
    const pool = setting.open(1)
    stack.defer(() => closed(peer.name, pool))
    carriers.push(carrierOf(peer.name, pool, 1))
    settings.push(`${peer.name} (${setting.options})`)
  }

  const contenders = []
  for (const carrier of carriers) {
    await checkWhole(carrier, 1000)
    const tasks = await tasksWithin(carrier, bench.quick ? 30 : 150, 100)
    contenders.push({ name: carrier.name, sample: async () => (await nsPerTask(carrier, tasks)) / 1000 })
  }
  const [one, other, raw, ...pools] = await inTurns(contenders, bench.quick ? 7 : 15)
  bench.report([
    rowBeside('pool/one-at-a-time', 'µs', one!.values, raw!, AHEAD),
    ...pools.map((pool) => rowBeside('pool/one-at-a-time', 'µs', one!.values, pool)),
    rowBeside('pool/one-at-a-time-fallback', 'µs', other!.values, raw!),
  ])
  bench.tell(`One at a time: each pool as it is fastest here: ${settings.join('; ')}.`)
}
