import type { Bench } from '../harness/bench.ts'
import { rowAgainst, rowBeside } from '../harness/row.ts'
import { type BenchDatabase, openDatabase } from './database.ts'
import { type IntentsServer, type ServerSample, startServer } from './intents-server.ts'
import { http, type Load, type LoadFindings, manyHttp, sendLoad, type Wire, webSocket } from './send-load.ts'

/** The share of what a server can take that it is sent for a minute, and how many times as much as that it is sent for some seconds. */
const HALF = 0.5
const TOO_MUCH = 3
/** The specification raises an alarm above that. */
const MOST_P95_MS = 50
/** What the last third of a minute may have more than its second sixth to its middle. */
const GROWTH = 1.1
/** The specification's, for what batches hold; here the whole process must do with it. */
const MOST_MB = 500
/** So few intents may be held where a server is sent too much. */
const FEW = 200
const MEGABYTE = 2 ** 20

/**
 * What does a server bear, over HTTP and WebSocket? `millrace intents serve` and `millrace intents load`, each in a process of its own on this
 * machine: a minute at half of what goes, and some seconds at three times as much as goes with room for few. Whoever was told that an intent is
 * committed finds it in the database, and whoever was told that it is not does not.
 */
export default async function sources(bench: Bench): Promise<void> {
  await using database = await openDatabase()
  const capacity = new Map<Wire['name'], number>()
  const minutes: Minute[] = []
  for (const wire of [http, webSocket]) {
    const most = await capacityOf(bench, database, wire)
    capacity.set(wire.name, most)
    minutes.push(await sendForAMinute(bench, database, wire, Math.round(HALF * most)))
  }
  bench.tell(minuteTable(minutes))
  const floods: Flood[] = []
  for (const [wire, whenFull] of [
    [manyHttp, 'reject'],
    [webSocket, 'reject'],
    [webSocket, 'wait'],
  ] as const) {
    floods.push(await flood(bench, database, wire, whenFull, Math.round(TOO_MUCH * capacity.get(wire.name)!)))
  }
  bench.tell(floodTable(floods))
}

/** Committed a second at best, where it is sent as much as it answers: what other programs take meanwhile only makes it less. */
async function capacityOf(bench: Bench, database: BenchDatabase, wire: Wire): Promise<number> {
  await using server = await start(database)
  const found: LoadFindings[] = []
  for (let turn = 0; turn < 3; turn++)
    found.push(await sendLoad(server, { wire, rate: 'max', seconds: bench.quick ? 1 : 3 }))
  await stopAndCount(database, server, found)
  return Math.max(...found.map(({ rate }) => rate))
}

interface Minute {
  readonly load: Load
  readonly found: LoadFindings
  /** From submission to settlement, the median, ms. */
  readonly inServerMs: number
}

async function sendForAMinute(bench: Bench, database: BenchDatabase, wire: Wire, rate: number): Promise<Minute> {
  await using server = await start(database)
  const load = { wire, rate, seconds: bench.quick ? 5 : 60 }
  const warmUp = await sendLoad(server, { ...load, seconds: 1 })
  const found = await sendLoad(server, load)
  const inServerMs = await medianLatency(server)
  await stopAndCount(database, server, [warmUp, found])
  const { samples, latency } = found
  const third = samples.length / 3
  const early = meanRss(samples.slice(Math.floor(third / 2), Math.ceil(third * 1.5)))
  const late = meanRss(samples.slice(Math.floor(third * 2)))
  const id = `sources/${wire.name}-at-half`
  bench.report([
    rowAgainst(id, 'intents/s', [found.committed / load.seconds], rate),
    rowBeside(`${id}-p50`, 'ms', [latency.p50], { name: 'of which in the scheduler', values: [inServerMs] }),
    rowAgainst(`${id}-p95`, 'ms', [latency.p95], MOST_P95_MS),
    rowAgainst(`${id}-memory-at-the-end`, 'MB', [late], GROWTH * early),
  ])
  return { load, found, inServerMs }
}

interface Flood {
  readonly words: string
  readonly rate: number
  readonly found: LoadFindings
  readonly inDatabase: number
}

async function flood(
  bench: Bench,
  database: BenchDatabase,
  wire: Wire,
  whenFull: 'reject' | 'wait',
  rate: number,
): Promise<Flood> {
  await using server = await start(database, { maxItems: FEW, whenFull })
  const found = await sendLoad(server, { wire, rate, seconds: bench.quick ? 2 : 5 })
  const inDatabase = await stopAndCount(database, server, [found])
  const id = `sources/${wire.name}-at-too-much${whenFull === 'wait' ? '-that-waits' : ''}`
  bench.report([rowAgainst(`${id}-peak-memory`, 'MB', [mostOf(found, 'rss')], MOST_MB)])
  return { words: `${wire.words}, ${whenFull === 'wait' ? 'they wait' : 'they are refused'}`, rate, found, inDatabase }
}

async function start(
  database: BenchDatabase,
  settings: Parameters<typeof startServer>[1] = {},
): Promise<IntentsServer> {
  const server = await startServer(String(database.config.connectionString), settings)
  await database.run('TRUNCATE documents')
  await database.run('VACUUM documents')
  return server
}

/** @throws {Error} where what senders were told, what the server says and what the rows add up to are not the same. */
async function stopAndCount(
  database: BenchDatabase,
  server: IntentsServer,
  loads: readonly LoadFindings[],
): Promise<number> {
  const books = await server.stop()
  const [row] = await database.run(`SELECT coalesce(sum((data ->> 'count')::int8), 0) AS sum FROM documents`)
  const inDatabase = Number(row?.sum)
  const sum = (of: (load: LoadFindings) => number) => loads.reduce((total, load) => total + of(load), 0)
  const committed = sum((load) => load.committed)
  const refused = sum(refusedOf)
  // Not answered in time, or cut off: either may have happened.
  const unclear = sum((load) => load.sent) - committed - refused
  const isBetween = (count: number, least: number) => count >= least && count <= least + unclear
  if (
    books.committed !== inDatabase ||
    books.submitted !== books.committed + books.refused ||
    !isBetween(books.committed, committed) ||
    !isBetween(books.refused, refused)
  ) {
    const told = loads.map(({ samples: _, ...load }) => load)
    throw new Error(`sources: the books differ: ${JSON.stringify({ told, books, inDatabase })}`)
  }
  return inDatabase
}

function refusedOf({ failed }: LoadFindings): number {
  return failed.QUEUE_FULL ?? 0
}

async function medianLatency({ url }: IntentsServer): Promise<number> {
  const text = await (await fetch(`${url}/metrics`)).text()
  return 1000 * Number(/^millrace_intents_latency_seconds\{quantile="0.5"\} (\S+)$/m.exec(text)?.[1])
}

function meanRss(samples: readonly ServerSample[]): number {
  return samples.reduce((sum, { rss }) => sum + rss, 0) / samples.length / MEGABYTE
}

/** MB. */
function mostOf({ samples }: LoadFindings, what: keyof ServerSample): number {
  return Math.max(...samples.map((sample) => sample[what])) / MEGABYTE
}

function minuteTable(minutes: readonly Minute[]): string {
  return [
    'A server at half of what it can take, ms from the time each intent was due until its sender knew that it is committed; memory of the server, MB, at twelve times evenly.',
    '',
    '| over | intents/s | p50 | of which in the scheduler | p95 | p99 | most | memory |',
    '| --- | --- | --- | --- | --- | --- | --- | --- |',
    ...minutes.map(({ load, found, inServerMs }) => {
      const { p50, p95, p99, max } = found.latency
      const times = [p50, inServerMs, p95, p99, max].map((ms) => ms.toFixed(1))
      return line([load.wire.words, count(found.committed / load.seconds), ...times, memoryOver(found)])
    }),
  ].join('\n')
}

function memoryOver({ samples }: LoadFindings): string {
  const at = Array.from({ length: 12 }, (_, turn) => samples[Math.floor(((turn + 0.5) / 12) * samples.length)]!)
  return at.map(({ rss }) => (rss / MEGABYTE).toFixed(0)).join(' ')
}

function floodTable(floods: readonly Flood[]): string {
  return [
    `Three times as much as it can take, of which it may hold ${FEW}. *Not sent*: its sender had 100,000 without an answer. *Held back*: bytes that were sent and that the server had not read, at most.`,
    '',
    '| over | due a second | sent | committed | a second | in the database | refused, 429 | no answer | not sent | held back, MB | memory, MB |',
    '| --- | --- | --- | --- | --- | --- | --- | --- | --- | --- | --- |',
    ...floods.map(({ words, rate, found, inDatabase }) => {
      const { sent, committed, rate: aSecond, unanswered, withheld } = found
      const counts = [rate, sent, committed, aSecond, inDatabase, refusedOf(found), unanswered, withheld].map(count)
      return line([words, ...counts, mostOf(found, 'unread').toFixed(1), mostOf(found, 'rss').toFixed(0)])
    }),
  ].join('\n')
}

function count(value: number): string {
  return Math.round(value).toLocaleString('en-US')
}

function line(cells: readonly string[]): string {
  return `| ${cells.join(' | ')} |`
}
