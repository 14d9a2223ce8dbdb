import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { systemClock } from '@millrace/kernel/clock'
import { startPostgres, type TestPostgres } from '@millrace/kernel/test/postgres/start-postgres'
import pg from 'pg'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { batchOf, type ClusterFile } from '../../src/cluster/batch-order.ts'
import { type Board, type Claim, LEASE_SECONDS } from '../../src/cluster/board.ts'
import { ClaimDesk } from '../../src/cluster/claim-desk.ts'
import { ClusterDispatch } from '../../src/cluster/cluster-dispatch.ts'
import { commitOutcome } from '../../src/cluster/commit-outcome.ts'
import { HeldBatches } from '../../src/cluster/held-batches.ts'
import type { DurableOutcome } from '../../src/dispatch/durable-outcome.ts'
import type { BatchOutcome } from '../../src/dispatch/outcome.ts'
import { resolveConfig } from '../../src/engine/config.ts'
import type { LedgerFile } from '../../src/ledger/ledger.ts'
import { LedgerDatabase } from '../../src/ledger/postgres/ledger-database.ts'
import { PostgresLedger } from '../../src/ledger/postgres/postgres-ledger.ts'
import { discovered } from '../discovered.ts'
import { companionableBoard } from './mutants/companionable-board.ts'
import { unfencedBoard } from './mutants/unfenced-board.ts'
import { openVirtualBoard } from './virtual-board.ts'

const OWNER = { pid: 1, startedMs: 1, host: 'here' }
const BOUND_MS = 180_000

let postgres: TestPostgres
let made = 0
beforeAll(async () => {
  postgres = await startPostgres()
})
afterAll(() => postgres.stop())

/** A job over files of these names, coordinated, with leases by a clock that the test turns. */
async function coordinated(names: readonly string[]) {
  const stack = new AsyncDisposableStack()
  const root = mkdtempSync(join(tmpdir(), 'millrace-dispatch-'))
  stack.defer(() => rmSync(root, { recursive: true, force: true }))
  mkdirSync(root, { recursive: true })
  for (const name of names) writeFileSync(join(root, name), `export const name = '${name}'\n`)
  const schema = `dispatch_${made++}`
  const database = stack.use(await LedgerDatabase.open({ url: postgres.url, schema, connections: 8 }))
  const ledger = stack.use(new PostgresLedger(database))
  const virtual = stack.use(await openVirtualBoard(postgres.url, `${schema}_board`))
  await ledger.tryOwn()
  const spec = { root, processors: ['p@1'], config: '{}', priority: 1, owner: OWNER, createdMs: 1 }
  const jobId = await ledger.enqueueJob(spec)
  await ledger.startJob(jobId, OWNER, 1)
  const found = names.map((path) => ({ ...discovered(path), processor: 'p@1' }))
  const met = await ledger.meetFiles(jobId, { files: found, excluded: [] }, { reuse: 'stamp', retryQuarantined: false })
  await ledger.endDiscovery(jobId)
  const settled: DurableOutcome<LedgerFile>[] = []
  let batchId = 100
  const dispatch = new ClusterDispatch({
    crew: {
      clock: systemClock,
      root,
      base: root,
      config: () => resolveConfig({ sink: null }, { cores: 2, memoryMb: 4096 }, root),
      emit: () => {},
    },
    work: {
      jobId,
      processors: [],
      concurrency: 2,
      nextBatchId: () => batchId++,
      commit: async ({ batch, quarantined }) => {
        const facts = { batchId: batch.batchId, complete: true, priority: 1, estimatedMs: 0, ms: 0, worker: 0 }
        const none = { deliveries: [], confirmed: [], attempts: [], highlights: [] }
        const rows = quarantined.map(({ file, evidence, ...rest }) => ({
          fileId: file.fileId,
          ...rest,
          evidence: JSON.stringify(evidence),
        }))
        await ledger.commit(jobId, { ...facts, ...none, quarantined: rows })
      },
      onDurable: (outcome) => void settled.push(outcome),
    },
    hold: () => ledger.owner(),
    database,
    board: virtual.board,
    epoch: ledger.epoch!,
    workCommand: 'start one',
  })
  stack.defer(() => dispatch.close())
  dispatch.enqueue([{ batchId: 0, files: met.pending, totalSize: 1, estimatedMs: 1, priority: 1, createdAt: 0 }])
  dispatch.seal()
  const queue = `files-${jobId}-${ledger.epoch}`
  const place = {
    database,
    board: virtual.board,
    queue,
    jobId,
    epoch: ledger.epoch!,
    worker: { number: 1, name: 'w1' },
  }
  return { ledger, jobId, virtual, dispatch, settled, place, schema, [Symbol.asyncDispose]: () => stack.disposeAsync() }
}

/** What a worker would have made of a batch. */
function outcomeOf(claim: Claim, files = claim.order.files): BatchOutcome<ClusterFile> {
  const batch = batchOf(claim.order, (file) => files.includes(file))
  const delivered = batch.files.map((file) => ({
    file,
    hash: file.expectedHash!,
    record: '{}',
    ms: 1,
    bytes: 1,
    stamp: null,
  }))
  const none = { confirmed: [], quarantined: [], attempts: [], highlights: [] }
  return { batch, worker: 1, complete: true, ms: 1, delivered, ...none }
}

const commitAs = (place: Parameters<typeof commitOutcome>[0], claim: Claim) =>
  commitOutcome(place, claim, outcomeOf(claim), { token: crypto.randomUUID(), again: false })

/** The next batch to be had, however long the coordinator takes to publish it. */
async function claimOne(board: Board, queue: string): Promise<Claim> {
  for (let look = 0; look < 2000; look++) {
    const [claim] = await board.claim(queue, 1).catch(() => [])
    if (claim !== undefined) return claim
    await new Promise((resolve) => setTimeout(resolve, 25))
  }
  throw new Error('nothing was published')
}

/** Has workers do all of a job, one after another: each has two batches at once, and is gone with both where one has the killer. */
async function workUntilOver(
  { dispatch, virtual, place }: Awaited<ReturnType<typeof coordinated>>,
  board: Board,
): Promise<void> {
  let over = false
  void dispatch.finished.then(() => {
    over = true
  })
  const run = { queue: place.queue, jobId: place.jobId, epoch: place.epoch }
  let held = new HeldBatches()
  for (let turn = 0; turn < 3000 && !over; turn++) {
    const commit = async (outcome: BatchOutcome<ClusterFile>) => {
      const { claim, batch } = held.get(outcome.batch)!
      held.remove(batch)
      await commitOutcome(place, claim, outcome, { token: crypto.randomUUID(), again: false })
    }
    const dispatcher = { enqueue: () => {}, withdraw: () => [] }
    const desk = new ClaimDesk({ database: place.database, board, run, worker: place.worker, held, dispatcher, commit })
    const claimed = await desk.claim(2).catch(() => 'nothing')
    if (claimed !== 'begun') await new Promise((resolve) => setTimeout(resolve, 20))
    if (held.all().some(({ batch }) => batch.files.some(({ path }) => path === 'a-killer.ts'))) {
      held = new HeldBatches()
      await virtual.pass(place.queue, LEASE_SECONDS + 2)
    }
    for (const { claim, batch } of held.all()) {
      const open = new Set(batch.files.map(({ fileId }) => fileId))
      const files = claim.order.files.filter(({ fileId }) => open.has(fileId))
      await commit({ ...outcomeOf(claim, files), batch })
    }
  }
  await dispatch.finished
}

it('a file that takes every worker with it is found by halves and quarantined alone; what was only lost beside it is delivered', {
  timeout: BOUND_MS,
}, async () => {
  await using job = await coordinated(['a-killer.ts', 'b.ts', 'd.ts', 'e.ts'])
  const { virtual, ledger, jobId } = job
  await workUntilOver(job, virtual.board)
  expect(await ledger.quarantine(jobId)).toMatchObject([{ path: 'a-killer.ts', code: 'WORKER_LOST', attempts: 3 }])
  expect(await ledger.books(jobId)).toMatchObject({ discovered: 4, delivered: 3, quarantined: 1 })
  // Nobody had registered as a worker, which held the job; what is done waits for none.
  expect(job.dispatch.paused).toBeNull()
})

it('with workers that leave nothing alone its neighbour is quarantined too', { timeout: BOUND_MS }, async () => {
  await using job = await coordinated(['a-killer.ts', 'b.ts', 'd.ts', 'e.ts'])
  const { virtual, ledger, jobId } = job
  await workUntilOver(job, companionableBoard(virtual.board))
  expect((await ledger.quarantine(jobId)).map(({ path }) => path)).toEqual(['a-killer.ts', 'b.ts'])
})

it('what comes under a claim that is void is refused, and nothing of it is written', {
  timeout: BOUND_MS,
}, async () => {
  await using job = await coordinated(['a.ts', 'b.ts'])
  const { virtual, place, ledger, jobId, dispatch } = job
  const late = await claimOne(virtual.board, place.queue)
  await virtual.pass(place.queue, LEASE_SECONDS + 2)
  const present = await claimOne(virtual.board, place.queue)
  await expect(commitAs(place, late)).rejects.toMatchObject({ code: 'BATCH_FENCED' })
  expect((await ledger.books(jobId)).delivered).toBe(0)
  await commitAs(place, present)
  await dispatch.finished
  expect((await ledger.books(jobId)).delivered).toBe(2)
})

it('without the fence it is written, and the one that has the batch cannot end it', { timeout: BOUND_MS }, async () => {
  await using job = await coordinated(['a.ts', 'b.ts'])
  const { virtual, place, ledger, jobId, schema } = job
  const late = await claimOne(virtual.board, place.queue)
  await virtual.pass(place.queue, LEASE_SECONDS + 2)
  const present = await claimOne(virtual.board, place.queue)
  const unfenced = { ...place, board: unfencedBoard(virtual.board, `${schema}_board`) }
  await commitAs(unfenced, late)
  expect((await ledger.books(jobId)).delivered).toBe(2)
  await expect(commitAs(place, present)).rejects.toMatchObject({ code: 'BATCH_FENCED' })
})

it('what nobody has in hand cannot be claimed while the job is paused, and comes back with what was done of it', {
  timeout: BOUND_MS,
}, async () => {
  await using job = await coordinated(['a.ts', 'b.ts', 'd.ts'])
  const { virtual, place, ledger, jobId, dispatch } = job
  const before = await claimOne(virtual.board, place.queue)
  const [done] = before.order.files
  const { batch, ...rest } = outcomeOf(before, [done!])
  const part = { ...rest, batch, complete: false }
  await commitOutcome(place, before, part, { token: crypto.randomUUID(), again: false })
  dispatch.pause('user', 'a user paused it')
  // Whoever has it loses it; it goes back to the board, and from there to the coordinator.
  await virtual.pass(place.queue, LEASE_SECONDS + 2)
  const admin = new pg.Client(postgres.url)
  await admin.connect()
  const onBoard = () => admin.query(`SELECT 1 FROM "${job.schema}_board".job`)
  await expect.poll(onBoard).toMatchObject({ rowCount: 0 })
  await admin.end()
  expect(await virtual.board.claim(place.queue, 9)).toEqual([])
  await expect(commitAs(place, before)).rejects.toMatchObject({ code: 'BATCH_FENCED' })

  dispatch.continue('user')
  const after = await claimOne(virtual.board, place.queue)
  expect(after).toMatchObject({ id: before.id, order: { batchId: before.order.batchId, begun: true } })
  const left = after.order.files.filter(({ fileId }) => fileId !== done!.fileId)
  await commitOutcome(place, after, outcomeOf(after, left), { token: crypto.randomUUID(), again: false })
  await dispatch.finished
  expect(await ledger.books(jobId)).toMatchObject({ delivered: 3, quarantined: 0 })
})

it('a paused job that is left lets go of what was set aside', { timeout: BOUND_MS }, async () => {
  await using job = await coordinated(['a.ts'])
  const { virtual, place, ledger, jobId, dispatch } = job
  const taken = await claimOne(virtual.board, place.queue)
  dispatch.pause('user', 'a user paused it')
  await virtual.pass(place.queue, LEASE_SECONDS + 2)
  dispatch.drain()
  await dispatch.finished
  await expect(commitAs(place, taken)).rejects.toMatchObject({ code: 'BATCH_FENCED' })
  expect(await ledger.books(jobId)).toMatchObject({ delivered: 0, quarantined: 0 })
})
