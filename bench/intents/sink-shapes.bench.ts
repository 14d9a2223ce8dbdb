import type { Client } from 'pg'
import type { Bench } from '../harness/bench.ts'
import { rowBeside } from '../harness/row.ts'
import { type BenchDatabase, keyOf, openDatabase, ROWS } from './database.ts'
import { canWrite, ENCODINGS, type Encoding, type Sample, SHAPES, type ShapeName, writeAs } from './shapes.ts'

const SIZES = [10, 100, 857, 5000]
const QUICK_SIZES = [10, 857]
/** Rows of a sample: small batches are written over and over. */
const ROWS_A_SAMPLE = 5000

/**
 * In which form do rows travel best to PostgreSQL, and what does it cost to lock them in order? No fsync: that is the same for all, and would
 * hide the rest.
 */
export default async function sinkShapes(bench: Bench): Promise<void> {
  await using database = await openDatabase({ synchronous_commit: 'off' })
  await database.run('CREATE TABLE events (key text, x float8, at timestamptz, note text)')
  const client = await database.connect()
  for (const shape of Object.keys(SHAPES) as ShapeName[]) {
    for (const size of bench.quick ? QUICK_SIZES : SIZES) await compareEncodings(bench, database, client, shape, size)
  }
  await compareLocks(bench, database)
}

async function compareEncodings(
  bench: Bench,
  database: BenchDatabase,
  client: Client,
  shape: ShapeName,
  size: number,
): Promise<void> {
  const rounds = bench.quick ? 3 : 7
  const encodings = ENCODINGS.filter((encoding) => canWrite(encoding, size))
  const found = new Map<Encoding, number[]>(encodings.map((encoding) => [encoding, []]))
  const batches = Math.max(1, Math.round((bench.quick ? ROWS_A_SAMPLE / 5 : ROWS_A_SAMPLE) / size))
  for (let round = -1; round < rounds; round++) {
    await database.run('TRUNCATE events')
    await database.refresh()
    for (let turn = 0; turn < encodings.length; turn++) {
      const encoding = encodings[(round + 1 + turn) % encodings.length]!
      const samples = Array.from({ length: batches }, (_, at) => samplesOf(at * size, size))
      const begun = performance.now()
      for (const batch of samples) await writeAs(client, shape, encoding, batch)
      // The first round warms up.
      if (round >= 0) found.get(encoding)!.push(((performance.now() - begun) * 1000) / (batches * size))
    }
  }
  const [ours, ...others] = encodings
  bench.report(
    others.map((encoding) =>
      rowBeside(`sink-shapes/${shape}-of-${size}-by-${ours}`, 'µs', found.get(ours!)!, {
        name: encoding,
        values: found.get(encoding)!,
      }),
    ),
  )
}

function samplesOf(from: number, count: number): Sample[] {
  return Array.from({ length: count }, (_, place) => {
    const at = from + place
    return { key: keyOf(at * 7919), x: at, at: '2026-01-01T00:00:00Z', note: `number ${at}` }
  })
}

const UPDATE = `UPDATE players AS t SET data = jsonb_set(t.data, '{position,x}', to_jsonb(i.x))
FROM unnest($1::text[], $2::float8[]) AS i(id, x) WHERE t.id = i.id`

/** Ways to see to it that two transactions do not wait for each other crosswise, or take turns at a key. */
const LOCKS: readonly { readonly name: string; readonly text?: string; readonly isSorted: boolean }[] = [
  { name: 'no order', isSorted: false },
  { name: 'sorted', isSorted: true },
  {
    name: 'sorted, and locked before',
    text: 'SELECT FROM unnest($1::text[]) AS i(id) JOIN players AS t ON t.id = i.id FOR NO KEY UPDATE OF t',
    isSorted: true,
  },
  {
    name: 'an advisory lock a key',
    text: 'SELECT count(pg_advisory_xact_lock(hashtextextended(id, 0))) FROM unnest($1::text[]) AS i(id)',
    isSorted: true,
  },
]

async function compareLocks(bench: Bench, database: BenchDatabase): Promise<void> {
  const client = await database.connect({ pipeline: true } as object)
  const rounds = bench.quick ? 3 : 9
  const size = 857
  const batches = bench.quick ? 3 : 12
  const found = LOCKS.map((lock) => ({ ...lock, values: [] as number[] }))
  for (let round = -1; round < rounds; round++) {
    await database.refresh()
    for (let turn = 0; turn < found.length; turn++) {
      const lock = found[(round + 1 + turn) % found.length]!
      const begun = performance.now()
      for (let batch = 0; batch < batches; batch++) await writeLocked(client, lock, batch * size, size)
      if (round >= 0) lock.values.push(((performance.now() - begun) * 1000) / (batches * size))
    }
  }
  const [, sorted, ...others] = found
  bench.report(
    [found[0]!, ...others].map(({ name, values }) =>
      rowBeside('sink-shapes/rows-in-the-order-of-their-keys', 'µs', sorted!.values, { name, values }),
    ),
  )
}

/** One transaction, sent in one go. */
async function writeLocked(
  client: Client,
  { name, text, isSorted }: { readonly name: string; readonly text?: string; readonly isSorted: boolean },
  from: number,
  count: number,
): Promise<void> {
  const moves = Array.from({ length: count }, (_, place) => ({
    id: keyOf(((from + place) * 7919) % ROWS),
    x: from + place,
  }))
  if (isSorted) moves.sort((a, b) => (a.id < b.id ? -1 : 1))
  const ids = moves.map(({ id }) => id)
  await Promise.all([
    client.query('BEGIN'),
    ...(text === undefined ? [] : [client.query({ name, text, values: [ids] })]),
    client.query({ name: 'update', text: UPDATE, values: [ids, moves.map(({ x }) => x)] }),
    client.query('COMMIT'),
  ])
}
