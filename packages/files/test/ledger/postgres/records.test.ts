import { randomUUID } from 'node:crypto'
import { startPostgres, type TestPostgres } from '@millrace/kernel/test/postgres/start-postgres'
import { Client } from 'pg'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { openPostgresLedger } from '../../../src/ledger/postgres/open-postgres-ledger.ts'
import { statementsOf } from '../../../src/ledger/postgres/statements.ts'
import { quoteName } from '../../../src/ledger/postgres/tables.ts'
import { writeCheckpoint } from '../../../src/ledger/postgres/write-checkpoint.ts'
import { byStamp, checkpoint, chunk, delivery, found, foundFiles, jobSpec, owner, pathOf } from '../samples.ts'

let server: TestPostgres

beforeAll(async () => {
  // Nothing here is about power cuts; and the server is to know nothing of the tables but what is in them.
  server = await startPostgres({ settings: { fsync: 'off', autovacuum: 'off' } })
})
afterAll(() => server?.stop())

async function working(files: number) {
  const schema = `files_${randomUUID()}`
  const ledger = await openPostgresLedger({ url: server.url, schema })
  await ledger.tryOwn()
  const jobId = await ledger.enqueueJob(jobSpec)
  await ledger.startJob(jobId, owner, 1)
  await ledger.meetFiles(jobId, chunk(foundFiles(files)), byStamp)
  return { ledger, jobId, schema, s: quoteName(schema) }
}

async function connect() {
  const client = new Client(server.url)
  await client.connect()
  return { client, [Symbol.asyncDispose]: () => client.end() }
}

/** A connection that is ended from outside. */
async function forOne(): Promise<Client> {
  const client = new Client(server.url)
  client.on('error', () => {})
  await client.connect()
  return client
}

const pidOf = (client: Client) => (client as unknown as { readonly processID: number }).processID

/** JSON of so many bytes at least that packs well, or not at all. */
const dull = (bytes: number) => JSON.stringify({ text: 'a line like the others, '.repeat(bytes / 24) })
const noise = (bytes: number) => JSON.stringify(Array.from({ length: bytes / 39 }, () => randomUUID()))

it('keeps records of any size as they are, the large ones in fewer bytes', async () => {
  const records = ['{}', '{"é":"日😀"}', dull(900), dull(1100), noise(1100), dull(300_000), noise(300_000)]
  const { ledger, jobId, s } = await working(records.length)
  const deliveries = records.map((record, n) => delivery(n, { record }))
  await ledger.commit(jobId, checkpoint(0, { deliveries }))
  const rows = await ledger.results(jobId, undefined, 100, 10_000_000)
  expect(rows.map(({ record }) => record)).toEqual(records)
  await using admin = await connect()
  const { rows: sizes } = await admin.client.query(
    `SELECT octet_length(record) AS kept, bytes FROM ${s}.results ORDER BY file_id`,
  )
  expect(sizes.map(({ bytes }) => bytes)).toEqual(records.map((record) => Buffer.byteLength(record)))
  expect(sizes[2].kept).toBe(sizes[2].bytes)
  expect(sizes[5].kept).toBeLessThan(sizes[5].bytes / 50)
  await ledger.close()
})

it('gives no more of a page than its bytes, by what the records are and not by what is kept of them', async () => {
  const { ledger, jobId } = await working(4)
  const deliveries = [0, 1, 2, 3].map((n) => delivery(n, { record: dull(10_000) }))
  await ledger.commit(jobId, checkpoint(0, { deliveries }))
  expect(await ledger.results(jobId, undefined, 4, 15_000)).toHaveLength(2)
  await ledger.close()
})

it('gives all results page after page, where small ones follow large ones and the other way round', async () => {
  const sizes = [...Array(50).fill(96), ...Array(12).fill(4800), ...Array(50).fill(96)] as number[]
  const { ledger, jobId } = await working(sizes.length)
  const deliveries = sizes.map((size, n) => delivery(n, { record: dull(size) }))
  await ledger.commit(jobId, checkpoint(0, { deliveries }))
  const given: string[] = []
  for (let after: string | undefined, pages = 0; pages <= sizes.length; pages++) {
    const page = await ledger.results(jobId, after, 40, 6000)
    if (page.length === 0) break
    const before = page.slice(0, -1).reduce((sum, { record }) => sum + record.length, 0)
    expect(before).toBeLessThan(6000)
    given.push(...page.map(({ path }) => path))
    after = page.at(-1)!.path
  }
  expect(given).toEqual(sizes.map((_, n) => pathOf(n)))
  expect(await ledger.results(jobId, undefined, 100, 1e9)).toHaveLength(100)
  await ledger.close()
})

it('gives them in the order of their paths where files came in another, few of which have a result', async () => {
  const { ledger, jobId } = await working(1)
  // Each of these stretches comes before the one met first, and so have the numbers of their files nothing to do with their paths.
  const names = ['d', 'c', 'b', 'a'].flatMap((folder) => Array.from({ length: 30 }, (_, n) => `${folder}/${n + 10}`))
  const all = names.toSorted()
  let job = jobId
  for (const folder of ['d', 'c', 'b', 'a']) {
    job = await ledger.enqueueJob(jobSpec)
    await ledger.startJob(job, owner, 2)
    const met = all.filter((path) => path >= folder).map((path, n) => found(n, { path }))
    await ledger.meetFiles(job, chunk(met), byStamp)
  }
  const pending = (await ledger.pendingFiles(job, -1, 1000)).slice(1)
  expect(pending.map(({ path }) => path)).toEqual(names)
  const settled = pending.filter(({ path }) => path.startsWith('b') || path.endsWith('9'))
  const deliveries = settled.map(({ fileId }, n) => delivery(fileId, { record: dull(n % 7 === 0 ? 9000 : 90) }))
  await ledger.commit(job, checkpoint(0, { deliveries }))
  for (const [limit, maxBytes] of [
    [7, 1e6],
    [1, 1e6],
    [50, 4000],
    [50, 1],
    [1000, 1e9],
  ] as const) {
    const given: string[] = []
    for (let after: string | undefined, pages = 0; pages <= all.length; pages++) {
      const page = await ledger.results(job, after, limit, maxBytes)
      if (page.length === 0) break
      expect(page.length).toBeLessThanOrEqual(limit)
      const sizes = page.map(({ record }) => record.length)
      expect(sizes.reduce((sum, size) => sum + size) - Math.max(...sizes)).toBeLessThan(maxBytes)
      given.push(...page.map(({ path }) => path))
      after = page.at(-1)!.path
    }
    expect(given).toEqual(settled.map(({ path }) => path).toSorted())
  }
  await ledger.close()
})

it('tells of a record that has lost bits', async () => {
  const { ledger, jobId, s } = await working(1)
  await ledger.commit(jobId, checkpoint(0, { deliveries: [delivery(0, { record: dull(10_000) })] }))
  await using admin = await connect()
  const spoil = `UPDATE ${s}.results SET record = set_byte(record, octet_length(record) - 1, 255 - get_byte(record, octet_length(record) - 1))`
  await admin.client.query(spoil)
  await expect(ledger.results(jobId, undefined, 10, 1e6)).rejects.toMatchObject({
    code: 'LEDGER_CORRUPT',
    detail: { path: pathOf(0) },
  })
  await ledger.close()
})

/** Rows of files, and of what is known of them, that a connection has read by the time it ends. */
async function filesRead(schema: string, work: () => Promise<number>): Promise<number> {
  await using admin = await connect()
  const read = async () => {
    const { rows } = await admin.client.query(
      `SELECT sum(coalesce(seq_tup_read, 0) + coalesce(idx_tup_fetch, 0)) AS read FROM pg_stat_all_tables
WHERE schemaname = $1 AND relname IN ('files', 'results', 'quarantine', 'checks', 'highlights', 'attempts')`,
      [schema],
    )
    return Number(rows[0].read)
  }
  const before = await read()
  // A server counts what a connection did when that has ended.
  await admin.client.query('SELECT pg_terminate_backend($1, 5000)', [await work()])
  return (await read()) - before
}

const FILES = 5000

it('looks at no more files than a page or a checkpoint is about, when the server has no statistics yet', async () => {
  const { ledger, jobId, schema, s } = await working(FILES)
  const deliveries = Array.from({ length: FILES - 10 }, (_, n) => delivery(n))
  await ledger.commit(jobId, checkpoint(0, { deliveries }))
  const { epoch } = ledger

  const page = await filesRead(schema, async () => {
    const applicationName = `reads ${schema}`
    const reading = await openPostgresLedger({ url: server.url, schema, readonly: true, applicationName })
    expect(await reading.results(jobId, pathOf(10), 20, 1e6)).toHaveLength(20)
    await using admin = await connect()
    const { rows } = await admin.client.query(
      `SELECT pid FROM pg_stat_activity WHERE application_name = left($1, 63)`,
      [applicationName],
    )
    await reading.close()
    return rows[0].pid
  })
  expect(page).toBeLessThanOrEqual(100)

  const onItsOwn = (work: (client: Client) => Promise<unknown>) =>
    filesRead(schema, async () => {
      const client = await forOne()
      await work(client)
      return pidOf(client)
    })
  const target = { tables: s, jobId, epoch: epoch!, token: randomUUID() }
  const last = Array.from({ length: 10 }, (_, n) => delivery(FILES - 1 - n))
  const few = await onItsOwn((client) => writeCheckpoint(client, target, checkpoint(1, { deliveries: last })))
  expect(few).toBeLessThanOrEqual(100)

  // As a connection plans by itself, which would be told here.
  const { text } = statementsOf(schema).results
  const all = await onItsOwn((client) => client.query(text, [1, '', 20, 1e6]))
  expect(all).toBeGreaterThanOrEqual(FILES)
  await ledger.close()
})

it('looks at no more files by plans that a connection made and kept when there was nothing yet', async () => {
  const { ledger, jobId, schema, s } = await working(1)
  const place = { tables: s, jobId, epoch: ledger.epoch! }
  const commit = (client: Client, batchId: number, fileIds: readonly number[]) =>
    writeCheckpoint(
      client,
      { ...place, token: randomUUID() },
      checkpoint(batchId, { deliveries: fileIds.map((id) => delivery(id)) }),
    )
  const [client, other] = await Promise.all([forOne(), forOne()])
  await expect(commit(client, 0, [0, 0])).rejects.toMatchObject({ detail: { state: 'in it twice' } })
  await commit(client, 0, [0])
  const asPlanned = {
    name: 'as planned',
    text: `SELECT FROM ${s}.files JOIN unnest($1::int4[]) AS u (id) ON file_id = id WHERE tree = 1`,
  }
  await other.query('SET plan_cache_mode = force_generic_plan')
  await other.query({ ...asPlanned, values: [[0]] })
  const later = foundFiles(FILES, 1)
  await ledger.meetFiles(jobId, chunk(later), byStamp)
  const deliveries = later.slice(0, -20).map((_, n) => delivery(1 + n))
  await ledger.commit(jobId, checkpoint(1, { deliveries }))

  const read = await filesRead(schema, async () => {
    await commit(
      client,
      2,
      Array.from({ length: 10 }, (_, n) => FILES - n),
    )
    await expect(commit(client, 3, [FILES - 10, FILES - 10])).rejects.toMatchObject({ code: 'LEDGER_CONFLICT' })
    await expect(commit(client, 4, [1, 2, 3])).rejects.toMatchObject({ detail: { state: 'delivered' } })
    return pidOf(client)
  })
  expect(read).toBeLessThanOrEqual(100)

  // A plan that was right then, which would be told here.
  const all = await filesRead(schema, async () => {
    await other.query({ ...asPlanned, values: [[1, 2, 3]] })
    return pidOf(other)
  })
  expect(all).toBeGreaterThanOrEqual(FILES)
  await ledger.close()
})
