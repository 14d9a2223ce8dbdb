import { availableParallelism } from 'node:os'
import type { Bench } from '../harness/bench.ts'
import { median } from '../harness/median.ts'
import { rowAgainst, rowBeside } from '../harness/row.ts'
import { BatchThreads } from './by-hand/batch-threads.ts'
import { type Contender, inTurns } from './in-turns.ts'
import { type OurPool, openOurs } from './ours/pool.ts'
import type { PeerPool } from './peers/peer.ts'
import { peers } from './peers/peers.ts'
import { IN_FLIGHT } from './polygon.ts'
import { roundsFor } from './rounds-for.ts'
import { closed, within } from './within.ts'
import { burn } from './work.ts'

const TASK_MS = 0.1
/** Percent of min(workers, cores) times what one thread does. */
const GOAL = 85
const BOUND_MS = 20_000

/**
 * How much of the processors do tasks of 100 µs get? What one thread needs for all of them in a loop, by what a pool needs,
 * by min(workers, cores). With as many workers as cores, the caller's thread needs one of them too: what batches of raw messages
 * come to is the limit then.
 */
export default async function efficiency(bench: Bench): Promise<void> {
  const cores = availableParallelism()
  const rounds = roundsFor(TASK_MS)
  const tasks = bench.quick ? 1000 : 3000
  for (let threads = 1; threads <= cores; threads++) await measure(bench, threads, tasks, rounds)
}

async function measure(bench: Bench, threads: number, tasks: number, rounds: number): Promise<void> {
  await using stack = new AsyncDisposableStack()
  const expected = tasks * burn(rounds)
  const timed = (name: string, work: () => number | PromiseLike<number>): Contender => ({
    name,
    sample: async () => {
      const started = performance.now()
      const sum = await within(BOUND_MS, name, Promise.resolve(work()))
      const ms = performance.now() - started
      if (sum !== expected) throw new Error(`${name}: the sum of all results is ${sum}, not ${expected}`)
      return ms
    },
  })
  const ours = stack.use(openOurs(threads))
  const batches = stack.use(new BatchThreads(threads))
  const contenders = [
    timed('one thread', () => burnHere(tasks, rounds)),
    timed('ours', () => burnInStream(ours, tasks, rounds)),
    timed('raw postMessage, 50 packed', () => batches.burn(tasks, rounds)),
  ]
  for (const { name, settings } of peers) {
    const pool = settings[0]!.open(threads)
    stack.defer(() => closed(name, pool))
    contenders.push(timed(name, () => burnInCalls(pool, tasks, rounds)))
  }
  for (const { sample } of contenders) await sample()

  const [alone, ...times] = await inTurns(contenders, bench.quick ? 3 : 7)
  const least = median(alone!.values)
  const [one, ...others] = times.map(({ name, values }) => ({
    name,
    values: values.map((ms) => (100 * least) / ms / threads),
  }))
  const id = `pool/efficiency-${threads}-${threads === 1 ? 'thread' : 'threads'}`
  bench.report([
    rowAgainst(id, '%', one!.values, GOAL),
    ...others.map((other) => rowBeside(id, '%', one!.values, other)),
  ])
}

function burnHere(tasks: number, rounds: number): number {
  let sum = 0
  for (let done = 0; done < tasks; done++) sum += burn(rounds)
  return sum
}

async function burnInStream(pool: OurPool, tasks: number, rounds: number): Promise<number> {
  const stream = pool.stream('burn', { maxItems: IN_FLIGHT })
  for (let sent = 0; sent < tasks; sent++) stream.push(rounds)
  stream.close()
  let sum = 0
  for await (const chunk of stream.results) for (const result of chunk) sum += result
  return sum
}

async function burnInCalls(pool: PeerPool, tasks: number, rounds: number): Promise<number> {
  const results = await Promise.all(Array.from({ length: tasks }, () => pool.run('burn', rounds)))
  return results.reduce((sum: number, result) => sum + (result as number), 0)
}
