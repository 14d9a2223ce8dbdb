import { Pool } from 'pg'
import type { Bench } from '../harness/bench.ts'
import { median } from '../harness/median.ts'
import { collectAll, usedBytes } from '../harness/memory.ts'
import { rowAgainst, rowBeside } from '../harness/row.ts'
import { type BenchDatabase, keyOf, openDatabase } from './database.ts'
import { sendInTime } from './open-loop.ts'
import { type Move, type OursOptions, openOurs } from './patch.ts'
import { countWire, since, type WireCounts } from './wire.ts'

/** What a user sends: so many intents a second. */
const PER_USER = 2
const USERS = [1000, 5000, 10_000]
const QUICK_USERS = [1000, 2000]
/** The specification's figures for 1000 users, at their strictest. */
const MOST_MB = 100
const MOST_CPU_MS = 50
const CONNECTIONS_GOAL = 2
const ROUND_TRIPS_GOAL = 2
const MOST_ROUND_TRIPS = 17
const BATCH = 857
const FLAT_MB = 4
const WARM_UP_S = 0.5
const MEGABYTE = 2 ** 20

/** Something that takes a user's move. */
interface Writer extends AsyncDisposable {
  write(move: Move): Promise<unknown>
}

interface Usage {
  /** On the heap and in buffers, after a collection in the middle of it all, above what there was before. */
  readonly mb: number
  /** Of processor time a second, less what it takes to make the intents and send them nowhere. */
  readonly cpuMs: number
  readonly connections: number
  readonly bytesPerSecond: number
  readonly roundTripsPerSecond: number
}

/**
 * What do users take: memory, processor time, connections, bytes and round trips on the wire? Each sends two intents a second, evenly, and
 * waits for each. Beside a pool of ten connections, which writes each at once.
 */
export default async function capacity(bench: Bench): Promise<void> {
  const counts = countWire()
  await using database = await openDatabase()
  const lines: string[] = []
  for (const users of bench.quick ? QUICK_USERS : USERS) {
    const found: { ours: Usage[]; window: Usage[]; pool: Usage[] } = { ours: [], window: [], pool: [] }
    for (let round = 0; round < (bench.quick ? 2 : 3); round++) {
      const { ratePerMs, count } = loadOf(bench, users)
      const idle = await cpuOf(ratePerMs, count, async () => {})
      found.ours.push(await measure(bench, database, counts, users, idle, openBatches))
      found.window.push(await measure(bench, database, counts, users, idle, openWindow))
      found.pool.push(await measure(bench, database, counts, users, idle, openPool))
    }
    const of = (who: keyof typeof found, what: keyof Usage) => found[who].map((usage) => usage[what])
    const pool = (what: keyof Usage) => ({ name: 'pg.Pool(10)', values: of('pool', what) })
    const byWindow = (what: keyof Usage) => ({ name: 'ours, by window', values: of('window', what) })
    const id = `capacity/${users}-users`
    const thousands = users / 1000
    bench.report([
      rowAgainst(
        `${id}-memory`,
        'MB',
        of('ours', 'mb').map((mb) => Math.max(0.1, mb)),
        MOST_MB * thousands,
      ),
      rowAgainst(`${id}-processor-time-a-second`, 'ms', of('ours', 'cpuMs'), MOST_CPU_MS * thousands),
      rowBeside(`${id}-processor-time-a-second`, 'ms', of('ours', 'cpuMs'), pool('cpuMs')),
      rowBeside(`${id}-processor-time-a-second`, 'ms', of('ours', 'cpuMs'), byWindow('cpuMs')),
      rowBeside(id, 'connections', of('ours', 'connections'), pool('connections'), CONNECTIONS_GOAL),
      rowBeside(`${id}-a-second`, 'bytes', of('ours', 'bytesPerSecond'), pool('bytesPerSecond')),
      rowBeside(
        `${id}-a-second`,
        'round trips',
        of('ours', 'roundTripsPerSecond'),
        pool('roundTripsPerSecond'),
        ROUND_TRIPS_GOAL,
      ),
      rowBeside(`${id}-a-second`, 'round trips', of('ours', 'roundTripsPerSecond'), byWindow('roundTripsPerSecond')),
    ])
    const per = (what: keyof Usage) => median(of('ours', what)) / thousands
    lines.push(
      `| ${[users, per('mb').toFixed(2), (per('cpuMs') / 10).toFixed(1), median(of('ours', 'connections')), (per('bytesPerSecond') / 1000).toFixed(0), per('roundTripsPerSecond').toFixed(0)].join(' | ')} |`,
    )
  }
  bench.tell(
    [
      `Ours for each 1000 users, ${PER_USER} intents a second each:`,
      '',
      '| users | memory, MB | processor, % of a core | connections in all | network, kB/s | round trips/s |',
      '| --- | --- | --- | --- | --- | --- |',
      ...lines,
    ].join('\n'),
  )
  await countRoundTrips(bench, database, counts)
  if (!bench.quick) await watchMemory(bench, database)
}

/** As it comes: a connection that is idle takes at once what there is. */
function openBatches(database: BenchDatabase): Promise<Writer> {
  return openScheduler(database, {})
}

/** By the specification's dual condition: at most so many round trips a second as there are windows. */
function openWindow(database: BenchDatabase): Promise<Writer> {
  return openScheduler(database, { adaptiveBatching: false, timeWindowMs: 10 })
}

async function openScheduler(database: BenchDatabase, options: OursOptions): Promise<Writer> {
  const scheduler = await openOurs(database.config, options)
  return {
    write: (payload) => scheduler.submit({ type: 'move', payload }),
    [Symbol.asyncDispose]: () => scheduler[Symbol.asyncDispose](),
  }
}

async function openPool(database: BenchDatabase): Promise<Writer> {
  const pool = new Pool({ ...database.config, max: 10 })
  const text = `UPDATE players SET data = jsonb_set(data, '{position,x}', to_jsonb($2::float8)) WHERE id = $1`
  return {
    write: ({ key, x }) => pool.query({ name: 'move', text, values: [key, x] }),
    [Symbol.asyncDispose]: () => pool.end(),
  }
}

async function measure(
  bench: Bench,
  database: BenchDatabase,
  counts: () => WireCounts,
  users: number,
  idle: number,
  open: (database: BenchDatabase) => Promise<Writer>,
): Promise<Usage> {
  const { ratePerMs, count, seconds } = loadOf(bench, users)
  await database.refresh()
  collectAll()
  const bytesBefore = usedBytes()
  const others = await connectionsOf(database)
  await using writer = await open(database)
  // What is made once, and the compiler's work, are no cost of users.
  await cpuOf(ratePerMs, Math.round((count * WARM_UP_S) / seconds), async (at) => {
    await writer.write({ key: keyOf(at), x: at })
  })
  const before = counts()
  let mb = 0
  let connections = 0
  const used = await cpuOf(ratePerMs, count, async (at) => {
    const done = writer.write({ key: keyOf(at), x: at })
    if (at === Math.floor(count / 2)) {
      collectAll()
      mb = (usedBytes() - bytesBefore) / MEGABYTE
      connections = (await connectionsOf(database)) - others
    }
    await done
  })
  const { bytes, roundTrips } = since(before, counts())
  return {
    mb,
    cpuMs: Math.max(0.1, used - idle) / seconds,
    connections,
    bytesPerSecond: bytes / seconds,
    roundTripsPerSecond: roundTrips / seconds,
  }
}

function loadOf(bench: Bench, users: number) {
  const seconds = bench.quick ? 1 : 2
  const ratePerMs = (users * PER_USER) / 1000
  return { ratePerMs, seconds, count: Math.round(ratePerMs * seconds * 1000) }
}

/** Ms of processor time of this process, until all that was sent is answered. */
async function cpuOf(ratePerMs: number, count: number, write: (at: number) => Promise<void>): Promise<number> {
  const before = process.cpuUsage()
  const answers: Promise<void>[] = []
  await sendInTime({ ratePerMs, count, isCoarse: true, send: (at) => answers.push(write(at)) })
  await Promise.all(answers)
  const { user, system } = process.cpuUsage(before)
  return (user + system) / 1000
}

async function connectionsOf(database: BenchDatabase): Promise<number> {
  const [row] = await database.run(
    `SELECT count(*) AS count FROM pg_stat_activity WHERE backend_type = 'client backend'`,
  )
  return Number(row?.count)
}

async function countRoundTrips(bench: Bench, database: BenchDatabase, counts: () => WireCounts): Promise<void> {
  for (const isKeyed of [false, true]) {
    await using scheduler = await openOurs(database.config, { adaptiveBatching: false, maxBatchSize: BATCH })
    const submit = (turn: number) =>
      Promise.all(
        Array.from({ length: BATCH }, (_, x) =>
          scheduler.submit({
            type: 'move',
            payload: { key: keyOf(x), x },
            ...(isKeyed && { idempotencyKey: `${turn}:${x}` }),
          }),
        ),
      )
    await submit(0)
    const before = counts()
    await submit(1)
    const { roundTrips } = since(before, counts())
    const name = `capacity/857-intents${isKeyed ? '-with-idempotency-keys' : ''}`
    bench.report([rowAgainst(name, 'round trips', [roundTrips], MOST_ROUND_TRIPS)])
  }
}

/** A minute at the greatest rate: what is in use must not grow. */
async function watchMemory(bench: Bench, database: BenchDatabase): Promise<void> {
  await database.refresh()
  const ratePerMs = (USERS.at(-1)! * PER_USER) / 1000
  const count = ratePerMs * 60_000
  await using writer = await openBatches(database)
  const held: number[] = []
  let failed = 0
  await sendInTime({
    ratePerMs,
    count,
    isCoarse: true,
    send: (at) => {
      writer.write({ key: keyOf(at), x: at }).catch(() => {
        failed++
      })
      if (at % (ratePerMs * 5000) !== 0 || at === 0) return
      collectAll()
      held.push(usedBytes() / MEGABYTE)
    },
  })
  if (failed > 0) throw new Error(`capacity: ${failed} intents were refused`)
  const [first] = held
  bench.report([
    rowAgainst('capacity/growth-in-a-minute', 'MB', [Math.max(0.1, median(held.slice(-3)) - first!)], FLAT_MB),
  ])
  bench.tell(
    `Memory in use, every 5 s of a minute at ${ratePerMs * 1000} intents/s: ${held.map((mb) => mb.toFixed(1)).join(', ')} MB.`,
  )
}
