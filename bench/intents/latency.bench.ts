import { Pool } from 'pg'
import type { Sink } from '../../packages/intents/src/index.ts'
import type { Bench } from '../harness/bench.ts'
import { median, quantile } from '../harness/median.ts'
import { rowAgainst, rowBeside } from '../harness/row.ts'
import { type BenchDatabase, keyOf, openDatabase } from './database.ts'
import { sendInTime } from './open-loop.ts'
import { type Move, type MoveScheduler, type OursOptions, openOurs } from './patch.ts'
import { portsOf } from './saturated.ts'

const CALM_PER_MS = 0.1
/** What the middle one may take of what a query takes that is sent at once: 1.3 times. */
const DIRECT_GOAL = 0.77
const LOAD = 0.8
const WINDOW_MS = 10
const MOST_WAIT_MS = WINDOW_MS + 2
const CALLERS = 4
/** Where the machine falls behind, what waits is to be seen, not refused. */
const HELD = 10_000_000
const BATCH = 857

/**
 * What does an intent wait? Where there are few, beside a query that is sent at once; and at 80 % of what can be written, until its batch is
 * handed to the sink. Everything is sent in time, whether answers have come or not, and counts from the time it was due.
 */
export default async function latency(bench: Bench): Promise<void> {
  await using database = await openDatabase()
  await whenCalm(bench, database)
  await underLoad(bench, database, 'by-load', {})
  await underLoad(bench, database, 'by-window', {
    adaptiveBatching: false,
    timeWindowMs: WINDOW_MS,
    maxBatchSize: BATCH,
  })
}

async function whenCalm(bench: Bench, database: BenchDatabase): Promise<void> {
  await using byLoad = await openOurs(database.config)
  await using byWindow = await openOurs(database.config, { adaptiveBatching: false, timeWindowMs: WINDOW_MS })
  const pool = new Pool({ ...database.config, max: 10 })
  const update = {
    name: 'move',
    text: `UPDATE players SET data = jsonb_set(data, '{position,x}', to_jsonb($2::float8)) WHERE id = $1`,
  }
  const contenders = [
    { name: 'ours', move: (payload: Move): Promise<unknown> => byLoad.submit({ type: 'move', payload }) },
    { name: 'a query at once', move: ({ key, x }: Move) => pool.query({ ...update, values: [key, x] }) },
    { name: 'ours, by window', move: (payload: Move) => byWindow.submit({ type: 'move', payload }) },
  ].map((contender) => ({ ...contender, p50: [] as number[] }))
  const rounds = bench.quick ? 3 : 9
  const count = bench.quick ? 100 : 200
  for (let round = -1; round < rounds; round++) {
    for (let turn = 0; turn < contenders.length; turn++) {
      const { move, p50 } = contenders[(round + 1 + turn) % contenders.length]!
      const took: number[] = []
      const answers: Promise<unknown>[] = []
      await sendInTime({
        ratePerMs: CALM_PER_MS,
        count,
        send: (at, due) => {
          answers.push(move({ key: keyOf(at), x: at }).then(() => took.push(performance.now() - due)))
        },
      })
      await Promise.all(answers)
      // The first round warms up.
      if (round >= 0) p50.push(median(took))
    }
  }
  const [ours, direct, windowed] = contenders.map(({ name, p50 }) => ({ name, values: p50 }))
  bench.report([
    rowBeside('latency/p50-at-100-a-second', 'ms', ours!.values, direct!, DIRECT_GOAL),
    rowBeside('latency/p50-at-100-a-second', 'ms', ours!.values, windowed!),
  ])
  await pool.end()
}

async function underLoad(bench: Bench, database: BenchDatabase, name: string, options: OursOptions): Promise<void> {
  const rounds = bench.quick ? 3 : 7
  const ms = bench.quick ? 2000 : 5000
  let onWrite = (_: readonly Move[]) => {}
  const around = (sink: Sink): Sink => ({
    ...portsOf(sink),
    write(batch, signal) {
      onWrite(batch.waves.flatMap((wave) => wave.map(({ payload }) => payload as Move)))
      return sink.write(batch, signal)
    },
  })
  await using scheduler = await openOurs(database.config, { ...options, around, maxItems: HELD })
  const perMs = (LOAD * (await capacity(bench, scheduler))) / 1000
  const count = Math.round(perMs * ms)
  const waits: number[] = []
  const ends: number[] = []
  for (let round = 0; round < rounds; round++) {
    await database.refresh()
    const due = new Float64Array(count)
    const waited = new Float64Array(count)
    const took = new Float64Array(count)
    onWrite = (moves) => {
      const now = performance.now()
      for (const { x } of moves) waited[x] = now - due[x]!
    }
    const answers: Promise<unknown>[] = []
    await sendInTime({
      ratePerMs: perMs,
      count,
      // To count turns of the event loop out would take a core from the database.
      isCoarse: true,
      send: (at, time) => {
        due[at] = time
        const payload = { key: keyOf(at), x: at }
        answers.push(
          scheduler.submit({ type: 'move', payload }).then(() => {
            took[at] = performance.now() - time
          }),
        )
      },
    })
    await Promise.all(answers)
    // What it has to catch up with on a fresh table is over by then.
    const settled = Math.round(count / 2)
    waits.push(quantile([...waited.subarray(settled)], 0.99))
    ends.push(quantile([...took.subarray(settled)], 0.99))
  }
  bench.report([rowAgainst(`latency/p99-queue-wait-at-80-percent-${name}`, 'ms', waits, MOST_WAIT_MS)])
  bench.tell(
    `At 80 % load ${name.replace('-', ' ')}: ${Math.round(perMs * 1000).toLocaleString('en-US')} intents/s, p99 until committed ${median(ends).toFixed(1)} ms.`,
  )
}

/** Intents a second that are committed where several callers submit as soon as they can. */
async function capacity(bench: Bench, scheduler: MoveScheduler): Promise<number> {
  const rates: number[] = []
  const samples = bench.quick ? 3 : 5
  for (let sample = 0; sample <= samples; sample++) {
    let done = 0
    const begun = performance.now()
    const call = async (caller: number) => {
      for (let at = caller; performance.now() - begun < 500; at += CALLERS) {
        const moves = Array.from({ length: BATCH }, (_, place) => at * BATCH + place)
        await Promise.all(moves.map((x) => scheduler.submit({ type: 'move', payload: { key: keyOf(x), x } })))
        done += BATCH
      }
    }
    await Promise.all(Array.from({ length: CALLERS }, (_, caller) => call(caller)))
    // The first one warms up.
    if (sample > 0) rates.push((done * 1000) / (performance.now() - begun))
  }
  return median(rates)
}
