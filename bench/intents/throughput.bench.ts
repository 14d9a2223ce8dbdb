import type { Bench } from '../harness/bench.ts'
import { rowBeside } from '../harness/row.ts'
import { type BenchDatabase, expectedSum, openDatabase } from './database.ts'
import {
  openBareLoop,
  openDataLoader,
  openOneByOne,
  openOneString,
  openPipelined,
  openScheduler,
  type Writer,
} from './writers.ts'

/** The share of a loop with nothing around it that is to be reached, and of our own where every intent has an idempotency key. */
const BARE_GOAL = 0.6
const KEYED_GOAL = 0.5
/** How many times faster than others it is to be. */
const POOL_GOAL = 15
const SINGLE_GOAL = 40
const STRING_GOAL = 3
const PIPELINE_GOAL = 3
const NOT_DURABLE = '-c synchronous_commit=off'

/**
 * How many patches of a JSONB column are committed in a second, 857 in a batch, every caller's promise settled at its
 * commit? Everybody writes the same keys and values, to the same server, with fsync on.
 */
export default async function throughput(bench: Bench): Promise<void> {
  await using database = await openDatabase()
  await using stack = new AsyncDisposableStack()
  const opened: Writer[] = []
  const use = async (writer: Promise<Writer>) => {
    opened.push(stack.use(await writer))
    return opened.at(-1)!
  }
  const ours = await use(openScheduler(database, {}))
  const keyed = await use(openScheduler(database, { isKeyed: true, name: 'ours, with idempotency keys' }))
  const adaptive = await use(openScheduler(database, { adaptiveBatching: true, name: 'ours, by load' }))
  const bare = await use(openBareLoop(database))
  const pool = await use(openOneByOne(database, 10))
  const single = await use(openOneByOne(database, 1))
  const oneString = await use(openOneString(database))
  const pipelined = await use(openPipelined(database))
  const loader = await use(openDataLoader(database))
  const soft = await use(openSoft(database))
  const softBare = await use(openBareLoop(database, NOT_DURABLE))

  const rates = await measure(bench, database, opened)
  const of = (writer: Writer) => ({ name: writer.name, values: rates.get(writer)! })
  const beside = (peer: Writer, goal?: number) =>
    rowBeside('throughput/durable-patches', 'intents/s', rates.get(ours)!, of(peer), goal)
  bench.report([
    beside(bare, BARE_GOAL),
    beside(pool, POOL_GOAL),
    beside(single, SINGLE_GOAL),
    beside(oneString, STRING_GOAL),
    beside(pipelined, PIPELINE_GOAL),
    beside(loader),
    beside(adaptive),
    rowBeside('throughput/with-idempotency-keys', 'intents/s', rates.get(keyed)!, of(ours), KEYED_GOAL),
    rowBeside('throughput/synchronous-commit-off', 'intents/s', rates.get(soft)!, of(softBare)),
  ])
}

function openSoft(database: BenchDatabase): Promise<Writer> {
  return openScheduler({ ...database, config: { ...database.config, options: NOT_DURABLE } }, { name: 'ours' })
}

/** In turns, each on a fresh table; afterwards all that it was given must be there. Intents a second, by writer. */
async function measure(bench: Bench, database: BenchDatabase, writers: readonly Writer[]) {
  const rounds = bench.quick ? 3 : 9
  const sampleMs = bench.quick ? 250 : 800
  const rates = new Map<Writer, number[]>(writers.map((writer) => [writer, []]))
  const counts = new Map<Writer, number>()
  for (const writer of writers) counts.set(writer, await countWithin(writer, sampleMs))
  for (let round = 0; round < rounds; round++) {
    for (let turn = 0; turn < writers.length; turn++) {
      const writer = writers[(round + turn) % writers.length]!
      const count = counts.get(writer)!
      await database.refresh()
      globalThis.gc?.()
      const started = performance.now()
      await writer.write(count)
      rates.get(writer)!.push((count * 1000) / (performance.now() - started))
      const sum = await database.sumOfX()
      if (sum !== expectedSum(count))
        throw new Error(`${writer.name}: the rows' sum is ${sum}, not ${expectedSum(count)}`)
    }
  }
  return rates
}

/** Warms a writer up, and says how many intents it writes in a sample. */
async function countWithin(writer: Writer, sampleMs: number): Promise<number> {
  let count = 200
  for (;;) {
    const started = performance.now()
    await writer.write(count)
    const ms = performance.now() - started
    if (ms >= sampleMs / 3) return Math.round((count * sampleMs) / ms)
    count *= 4
  }
}
