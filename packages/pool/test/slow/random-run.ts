import { Worker } from 'node:worker_threads'
import fc from 'fast-check'
import { createPool, type WhenFull } from '../../src/index.ts'
import type { OddPool } from '../entries/open-odd-pool.ts'

/** Given as JSON in the first argument. */
export interface RandomRun {
  readonly seed: number
  /** For how long new rounds are begun. */
  readonly ms: number
  readonly threads: number
  readonly sharedMemory: boolean
  readonly whenFull: WhenFull
  /** The worker's file, from this one. */
  readonly worker: string
  /** If for so long nothing is settled, something is lost. */
  readonly stallMs: number
}

const run = JSON.parse(process.argv[2]!) as RandomRun

const rarely = <V>(arbitrary: fc.Arbitrary<V>) =>
  fc.oneof({ weight: 7, arbitrary: fc.constant(undefined) }, { weight: 1, arbitrary })
const usual = fc.constantFrom('double', 'double', 'double', 'echo', 'plain', 'works', 'waits', 'throws')
const deadly = fc.constantFrom('exits', 'exitsOften', 'exitsPlain', 'forEver')
const call = fc.record({
  name: fc.oneof({ weight: 150, arbitrary: usual }, { weight: 1, arbitrary: deadly }),
  input: fc.integer({ min: 0, max: 3 }),
  priority: fc.integer({ min: 0, max: 2 }),
  deadlineMs: rarely(fc.integer({ min: 1, max: 40 })),
  /** After so many turns of the event loop it is given up. */
  abortAfter: rarely(fc.integer({ min: 0, max: 20 })),
  /** Whether others have a turn before the next call. */
  pauses: fc.integer({ min: 0, max: 9 }).map((number) => number === 0),
})
const stream = fc.record({
  inputs: fc.array(
    fc.oneof({ weight: 20, arbitrary: fc.integer() }, { weight: 1, arbitrary: fc.constant('no number') }),
    { maxLength: 200, size: 'max' },
  ),
  ordered: fc.boolean(),
  maxItems: fc.integer({ min: 1, max: 300 }),
  priority: fc.integer({ min: 0, max: 2 }),
})
const round = fc.record({
  calls: fc.array(call, { minLength: 100, maxLength: 300, size: 'max' }),
  streams: fc.array(stream, { maxLength: 3 }),
})

type Round = typeof round extends fc.Arbitrary<infer R> ? R : never
type Call = Round['calls'][number]

const faults: string[] = []
const due = new Set<string>()
let progressAt = performance.now()
let total = 1

const pool: OddPool = createPool({
  worker: () => new Worker(new URL(run.worker, import.meta.url)),
  threads: run.threads,
  sharedMemory: run.sharedMemory,
  whenFull: run.whenFull,
  maxQueued: run.whenFull === 'reject' ? 2 ** 20 : 64,
  graceMs: 50,
})
setInterval(() => {
  if (due.size === 0 || performance.now() - progressAt < run.stallMs) return
  faults.push(`lost: ${[...due].slice(0, 10).join('; ')}`)
  end()
  process.exit()
}, 100).unref()

// The clock starts with the workers.
await pool.run('double', 1)
progressAt = performance.now()
const endsAt = performance.now() + run.ms
let rounds = 0
do await play(fc.sample(round, { seed: run.seed + rounds, numRuns: 1 })[0]!, rounds++)
while (performance.now() < endsAt && faults.length === 0)
await pool.drain()
const { queued, waiting, running, settled, failed, cancelled, dropped } = pool.stats
if (queued + waiting + running !== 0) faults.push(`left: ${queued} queued, ${waiting} waiting, ${running} running`)
const counted = settled + failed + cancelled + dropped
if (counted !== total) faults.push(`${total} were given, ${counted} settled`)
// The process ends, whether the pool is closed or not.
if (run.seed % 2 === 0) await pool.close()
end()

function end(): void {
  console.log(JSON.stringify({ run, rounds, total, faults: faults.slice(0, 10), stats: pool.stats }))
  process.exitCode = faults.length > 0 ? 1 : 0
}

/** All calls and streams of a round, side by side. */
async function play({ calls, streams }: Round, number: number): Promise<void> {
  const done: Promise<void>[] = streams.map((each, index) => follow(each, `stream ${index} of round ${number}`))
  for (const [index, each] of calls.entries()) {
    done.push(make(each, `call ${index} of round ${number}, ${each.name}(${each.input})`))
    if (each.pauses) await turns(1)
  }
  await Promise.all(done)
}

async function make(each: Call, told: string): Promise<void> {
  const { name, input, priority, abortAfter } = each
  // What never ends by itself needs one.
  const deadlineMs = name === 'forEver' ? 30 : each.deadlineMs
  const abort = new AbortController()
  const options = { priority, signal: abort.signal, ...(deadlineMs === undefined ? {} : { deadlineMs }) }
  begin(told)
  const called = pool.run(name as 'plain', name === 'echo' ? new Float64Array(100 * input).fill(input) : input, options)
  if (abortAfter !== undefined) turns(abortAfter).then(() => abort.abort('given up'))
  try {
    const output = await called
    if (!isRight(name, input, output)) faults.push(`${told} gave ${JSON.stringify(output)}`)
  } catch (error) {
    if (!isDeserved(each, deadlineMs, abort.signal.aborted, error)) faults.push(`${told} failed: ${error}`)
  }
  settle(told)
}

function isRight(name: string, input: number, output: unknown): boolean {
  if (name === 'double') return output === 2 * input
  if (name !== 'echo') return output === input && !name.startsWith('exits') && name !== 'throws'
  return output instanceof Float64Array && output.length === 100 * input && output.every((value) => value === input)
}

function isDeserved(
  { name, input }: Call,
  deadlineMs: number | undefined,
  isAborted: boolean,
  error: unknown,
): boolean {
  if (error === 'given up') return isAborted
  const { code, message, detail } = error as { code?: string; message: string; detail?: Record<string, unknown> }
  if (code === undefined) return name === 'throws' && message === `no ${input}`
  if (code === 'DEADLINE_EXCEEDED') return deadlineMs !== undefined
  if (code === 'TASK_DROPPED') return run.whenFull.startsWith('drop')
  if (code !== 'WORKER_DIED') return false
  // What goes through shared memory dies for what it did itself, or with a worker that is late.
  const isInnocent = run.sharedMemory && (name === 'double' || name === 'echo')
  return !isInnocent || String(detail?.told).includes('deadline')
}

/** Each input gives one result or one error, the results in order if they are to be. */
async function follow({ inputs, ordered, maxItems, priority }: Round['streams'][number], told: string): Promise<void> {
  begin(told, inputs.length)
  const failed: number[] = []
  const results: number[] = []
  const onError = (error: unknown, index: number) => {
    const { code } = error as { code?: string }
    if (code !== (typeof inputs[index] === 'string' ? 'CODEC_MISMATCH' : 'WORKER_DIED')) {
      faults.push(`${told} failed at ${index}: ${error}`)
    }
    failed.push(index)
  }
  const opened = pool.stream('double', { ordered, maxItems, priority, onError })
  const push = async () => {
    for (const input of inputs) while (!opened.push(input as number)) if (!(await opened.whenRoom())) return
    opened.close()
  }
  const pushed = push()
  for await (const chunk of opened.results) {
    results.push(...chunk)
    progressAt = performance.now()
  }
  await pushed
  const expected = inputs.filter((_, index) => !failed.includes(index)).map((input) => 2 * (input as number))
  if (!ordered) for (const each of [results, expected]) each.sort((one, other) => one - other)
  if (JSON.stringify(results) !== JSON.stringify(expected)) faults.push(`${told} gave ${results}, not ${expected}`)
  if (new Set(failed).size < failed.length) faults.push(`${told} failed twice at one of ${failed}`)
  settle(told)
}

function begin(told: string, count = 1): void {
  due.add(told)
  total += count
}

function settle(told: string): void {
  due.delete(told)
  progressAt = performance.now()
}

async function turns(count: number): Promise<void> {
  for (let turn = 0; turn < count; turn++) await new Promise((resolve) => setImmediate(resolve))
}
