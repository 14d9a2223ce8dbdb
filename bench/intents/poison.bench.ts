import type { Client } from 'pg'
import type { Bench } from '../harness/bench.ts'
import { rowAgainst, rowBeside } from '../harness/row.ts'
import { type BenchDatabase, keyOf, openDatabase } from './database.ts'
import { openOurs } from './patch.ts'
import { countWire, since, type WireCounts } from './wire.ts'

const BATCH = 857
const CONNECTIONS = 2
const CALLERS = 4
const POISON_EVERY = 1000
const FALLBACK_GOAL = 3
const MOST_STATEMENTS = 25

/** What an intent sets: the database refuses whatever is below 0. */
function xOf(at: number, hasPoison: boolean): number {
  return hasPoison && at % POISON_EVERY === POISON_EVERY / 2 ? -1 : at
}

/** Writes so many intents, and says how many were refused. */
type Write = (count: number, hasPoison: boolean) => Promise<number>

/**
 * What does one intent in a thousand cost that the database refuses, where all others are to be written? Beside a design that writes
 * a refused batch again one by one. Statements are counted where they are sent.
 */
export default async function poison(bench: Bench): Promise<void> {
  const counts = countWire()
  await using database = await openDatabase()
  await database.run(`ALTER TABLE players ADD CHECK ((data #>> '{position,x}')::float8 >= 0)`)
  await using ours = await openOurs(database.config, {
    connections: CONNECTIONS,
    adaptiveBatching: false,
    maxBatchSize: BATCH,
  })
  const clients = await Promise.all(Array.from({ length: CONNECTIONS }, () => database.connect()))
  const submit = async (at: number, hasPoison: boolean) => {
    try {
      await ours.submit({ type: 'move', payload: { key: keyOf(at), x: xOf(at, hasPoison) } })
      return 0
    } catch {
      return 1
    }
  }
  const write: Write = (count, hasPoison) =>
    inBatches(count, CALLERS, async (_, from, to) => {
      const refused = await Promise.all(Array.from({ length: to - from }, (_, at) => submit(from + at, hasPoison)))
      return refused.reduce<number>((sum, one) => sum + one, 0)
    })
  const fallback: Write = (count, hasPoison) =>
    inBatches(count, CONNECTIONS, (connection, from, to) => withFallback(clients[connection]!, from, to, hasPoison))

  const count = BATCH * (bench.quick ? 7 : 14)
  const rounds = bench.quick ? 3 : 7
  const contenders = [
    { name: 'ours', write, hasPoison: true },
    { name: 'one by one when refused', write: fallback, hasPoison: true },
    { name: 'ours, without poison', write, hasPoison: false },
  ].map((contender) => ({ ...contender, rates: [] as number[], statements: [] as number[] }))
  for (let round = -1; round < rounds; round++) {
    for (let turn = 0; turn < contenders.length; turn++) {
      const contender = contenders[(round + 1 + turn) % contenders.length]!
      const found = await measure(database, counts, contender.write, count, contender.hasPoison)
      if (round < 0) continue
      contender.rates.push(found.rate)
      contender.statements.push((found.statements * BATCH) / count)
    }
  }
  const [mine, other, clean] = contenders
  const samples = (values: 'rates' | 'statements', { name, [values]: found }: NonNullable<typeof other>) => ({
    name,
    values: found,
  })
  bench.report([
    rowBeside('poison/one-in-a-thousand', 'intents/s', mine!.rates, samples('rates', other!), FALLBACK_GOAL),
    rowBeside('poison/one-in-a-thousand', 'intents/s', mine!.rates, samples('rates', clean!)),
    rowBeside('poison/one-in-a-thousand-by-857', 'statements', mine!.statements, samples('statements', other!)),
  ])
  const before = counts()
  const refused = await inBatches(BATCH, 1, async () => {
    const all = await Promise.all(Array.from({ length: BATCH }, (_, at) => submit(at, true)))
    return all.reduce<number>((sum, one) => sum + one, 0)
  })
  if (refused !== 1) throw new Error(`poison: ${refused} of 857 were refused, not 1`)
  bench.report([rowAgainst('poison/one-in-857', 'statements', [since(before, counts()).statements], MOST_STATEMENTS)])
}

async function measure(
  database: BenchDatabase,
  counts: () => WireCounts,
  write: Write,
  count: number,
  hasPoison: boolean,
): Promise<{ readonly rate: number; readonly statements: number }> {
  await database.refresh()
  const before = counts()
  const begun = performance.now()
  const refused = await write(count, hasPoison)
  const ms = performance.now() - begun
  const expected = hasPoison ? Math.floor((count - 1 + POISON_EVERY / 2) / POISON_EVERY) : 0
  if (refused !== expected) throw new Error(`poison: ${refused} intents were refused, not ${expected}`)
  return { rate: (count * 1000) / ms, statements: since(before, counts()).statements }
}

/** A batch in one statement, and when that is refused each in one of its own. Returns how many were refused. */
async function withFallback(client: Client, from: number, to: number, hasPoison: boolean): Promise<number> {
  const numbers = Array.from({ length: to - from }, (_, at) => from + at)
  try {
    await client.query({
      name: 'many',
      text: `UPDATE players AS t SET data = jsonb_set(t.data, '{position,x}', to_jsonb(i.x))
FROM unnest($1::text[], $2::float8[]) AS i(id, x) WHERE t.id = i.id`,
      values: [numbers.map(keyOf), numbers.map((at) => xOf(at, hasPoison))],
    })
    return 0
  } catch {
    let refused = 0
    for (const at of numbers) {
      try {
        await client.query({
          name: 'one',
          text: `UPDATE players SET data = jsonb_set(data, '{position,x}', to_jsonb($2::float8)) WHERE id = $1`,
          values: [keyOf(at), xOf(at, hasPoison)],
        })
      } catch {
        refused++
      }
    }
    return refused
  }
}

/** Hands 0 to `count - 1` out in batches to so many at once, and adds up what they give. */
async function inBatches(
  count: number,
  workers: number,
  write: (worker: number, from: number, to: number) => Promise<number>,
): Promise<number> {
  let next = 0
  let sum = 0
  const work = async (worker: number) => {
    while (next < count) {
      const from = next
      next = Math.min(count, from + BATCH)
      const refused = await write(worker, from, next)
      sum += refused
    }
  }
  await Promise.all(Array.from({ length: workers }, (_, worker) => work(worker)))
  return sum
}
