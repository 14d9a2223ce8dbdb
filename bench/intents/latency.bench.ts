import { Pool } from 'pg'
import type { Bench } from '../harness/bench.ts'
import { median } from '../harness/median.ts'
import { rowAgainst, rowBeside } from '../harness/row.ts'
import { type BenchDatabase, keyOf, openDatabase } from './database.ts'
import { capacityOf, type LoadWait, waitAt } from './load-wait.ts'
import { type Leaving, openBareLoaded, openOursLoaded } from './loaded-writers.ts'
import { sendInTime } from './open-loop.ts'
import { type Move, openOurs } from './patch.ts'

const CALM_PER_MS = 0.1
/** What the middle one may take of what a query takes that is sent at once: 1.3 times. */
const DIRECT_GOAL = 0.77
const LOAD = 0.8
const WINDOW_MS = 10
const MOST_WAIT_MS = WINDOW_MS + 2
/** On a machine whose stalls a bare loop feels too, what it waits may become as much more as the window may: 12 ms of 10. */
const FLOOR_GOAL = 0.83

/**
 * What does an intent wait? Where there are few, beside a query that is sent at once; and at 80 % of what can be written, until its batch is
 * handed to the sink, beside a bare loop that batches in the same way. Everything is sent in time, whether answers have come or not, and counts
 * from the time it was due.
 */
export default async function latency(bench: Bench): Promise<void> {
  await using database = await openDatabase()
  await whenCalm(bench, database)
  await underLoad(bench, database, 'by-load', {})
  await underLoad(bench, database, 'by-window', { windowMs: WINDOW_MS })
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

/** Ours and a bare loop in turns, each round with what it can write at the time: a machine that grows slow does so for both. */
async function underLoad(bench: Bench, database: BenchDatabase, name: string, leaving: Leaving): Promise<void> {
  const rounds = bench.quick ? 3 : 5
  const ms = bench.quick ? 1000 : 2500
  await using ours = await openOursLoaded(database, leaving)
  await using bare = await openBareLoaded(database, leaving)
  const found = { ours: [] as LoadWait[], bare: [] as LoadWait[], bareAtItsOwn: [] as LoadWait[] }
  const rates = { ours: [] as number[], bare: [] as number[] }
  for (let round = -1; round < rounds; round++) {
    const capacity = { ours: 0, bare: 0 }
    for (const [who, writer] of inTurn([['ours', ours] as const, ['bare', bare] as const], round)) {
      await database.refresh()
      capacity[who] = await capacityOf(writer)
    }
    // The first round warms up.
    if (round < 0) continue
    const plan = [
      ['ours', ours, LOAD * capacity.ours],
      ['bare', bare, LOAD * capacity.ours],
      ['bareAtItsOwn', bare, LOAD * capacity.bare],
    ] as const
    for (const [who, writer, rate] of inTurn(plan, round)) {
      await database.refresh()
      found[who].push(await waitAt(writer, rate, ms))
    }
    rates.ours.push(LOAD * capacity.ours)
    rates.bare.push(LOAD * capacity.bare)
  }
  const p99 = (who: keyof typeof found) => found[who].map((wait) => wait.p99)
  const id = `latency/p99-queue-wait-at-80-percent-${name}`
  bench.report([
    rowAgainst(id, 'ms', p99('ours'), MOST_WAIT_MS),
    rowBeside(id, 'ms', p99('ours'), { name: 'bare loop, same arrivals', values: p99('bare') }, FLOOR_GOAL),
    rowBeside(id, 'ms', p99('ours'), { name: 'bare loop at its own 80 %', values: p99('bareAtItsOwn') }),
  ])
  const line = (who: keyof typeof found, words: string, rate: readonly number[]) => {
    const of = (what: (wait: LoadWait) => number) => median(found[who].map(what)).toFixed(1)
    const waits = [of(({ p50 }) => p50), of(({ p99 }) => p99), of(({ lateP99 }) => lateP99)]
    const rest = [of((wait) => wait.committedP99), of(({ taken }) => taken.garbageMs), of(({ taken }) => taken.coreMs)]
    return `| ${[words, Math.round(median(rate)).toLocaleString('en-US'), ...waits, ...rest].join(' | ')} |`
  }
  bench.tell(
    [
      `At 80 % load, ${name.replace('-', ' ')}, ms; medians of ${rounds} rounds. *Late*: how long after its time an intent was sent, by a process that was busy or had no core.`,
      '',
      '| | intents/s | wait p50 | wait p99 | of which late p99 | until committed p99 | garbage, a second | without a core, a second |',
      '| --- | --- | --- | --- | --- | --- | --- | --- |',
      line('ours', 'ours', rates.ours),
      line('bare', 'bare loop, same arrivals', rates.ours),
      line('bareAtItsOwn', 'bare loop at its own 80 %', rates.bare),
    ].join('\n'),
  )
}

/** The same, beginning with another one in each round. */
function inTurn<T>(items: readonly T[], round: number): T[] {
  return items.map((_, turn) => items[(round + turn + items.length) % items.length]!)
}
