import { startPostgres, type TestPostgres } from '@millrace/kernel/test/postgres/start-postgres'
import type { PoolClient } from 'pg'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import type { BatchOrder } from '../../src/cluster/batch-order.ts'
import { type Claim, LEASE_SECONDS, LOST_ATTEMPTS, lostOf } from '../../src/cluster/board.ts'
import { unfencedBoard } from './mutants/unfenced-board.ts'
import { openVirtualBoard, type VirtualBoard } from './virtual-board.ts'

const QUEUE = 'files-1'
const DAY_SECONDS = 86_400

let postgres: TestPostgres
let made = 0
let virtual: VirtualBoard

beforeAll(async () => {
  postgres = await startPostgres()
})
afterAll(() => postgres.stop())
beforeEach(async () => {
  virtual = await openVirtualBoard(postgres.url, `board_${made++}`)
  await virtual.board.begin(QUEUE)
})
afterEach(() => virtual[Symbol.asyncDispose]())

function order(batchId: number, priority: BatchOrder['priority'] = 1): BatchOrder {
  return {
    batchId,
    priority,
    estimatedMs: 1,
    totalSize: 1,
    createdAt: 0,
    files: [],
    begun: false,
    notFor: [],
    alone: false,
  }
}

/** Runs `work` in a transaction, and gives what it gives. */
async function inTransaction<T>(
  { pool }: VirtualBoard,
  work: (db: { executeSql: PoolClient['query'] }, client: PoolClient) => Promise<T>,
  ending: 'COMMIT' | 'ROLLBACK' = 'COMMIT',
): Promise<T> {
  const client = await pool.connect()
  try {
    await client.query('BEGIN')
    const result = await work({ executeSql: client.query.bind(client) as PoolClient['query'] }, client)
    await client.query(ending)
    return result
  } finally {
    client.release()
  }
}

const ids = (claims: readonly Claim[]) => claims.map(({ order }) => order.batchId)

describe('the board of batches', () => {
  it('hands each batch to one claimant, by priority and then in order', async () => {
    const { board } = virtual
    await board.publish(QUEUE, [order(0), order(1), order(2, 3), order(3)])
    expect(ids(await board.claim(QUEUE, 1))).toEqual([2])
    expect(ids(await board.claim(QUEUE, 1))).toEqual([0])
    expect(ids(await board.claim(QUEUE, 5)).sort()).toEqual([1, 3])
    expect(await board.claim(QUEUE, 5)).toEqual([])
  })

  it('publishes nothing where the transaction comes to nothing', async () => {
    const { board } = virtual
    await inTransaction(virtual, (db) => board.publish(QUEUE, [order(0)], { tx: db }), 'ROLLBACK')
    expect(await board.claim(QUEUE, 1)).toEqual([])
  })

  it(`gives a batch to another when its worker was silent for ${LEASE_SECONDS} s, at most 2 s later`, async () => {
    const { board } = virtual
    await board.publish(QUEUE, [order(0)])
    const [lost] = await board.claim(QUEUE, 1)
    await virtual.pass(QUEUE, LEASE_SECONDS - 1)
    expect(await board.claim(QUEUE, 1)).toEqual([])
    await virtual.pass(QUEUE, 3)
    const [again] = await board.claim(QUEUE, 1)
    expect(again).toMatchObject({ id: lost!.id, attempt: 1, order: { batchId: 0 } })
  })

  it('keeps a batch with a worker that shows signs of life, however long it takes', async () => {
    const { board } = virtual
    await board.publish(QUEUE, [order(0)])
    const claims = await board.claim(QUEUE, 1)
    for (let round = 0; round < 20; round++) {
      await virtual.pass(QUEUE, 3)
      expect(await board.touch(QUEUE, claims)).toEqual(claims)
    }
    expect(await board.claim(QUEUE, 1)).toEqual([])
  })

  it('refuses everything a late worker does, and leaves the batch to the one that has it', async () => {
    const { board } = virtual
    await board.publish(QUEUE, [order(0)])
    const [late] = await board.claim(QUEUE, 1)
    await virtual.pass(QUEUE, LEASE_SECONDS + 2)
    const [present] = await board.claim(QUEUE, 1)
    expect(await board.touch(QUEUE, [late!, present!])).toEqual([present])
    await inTransaction(virtual, async (db) => {
      expect(await board.holds(QUEUE, late!, db)).toBe(false)
      expect(await board.end(QUEUE, late!, db)).toBe(false)
      expect(await board.holds(QUEUE, present!, db)).toBe(true)
      expect(await board.end(QUEUE, present!, db)).toBe(true)
    })
    expect(await board.claim(QUEUE, 1)).toEqual([])
  })

  it('without the fence a late worker ends a batch that another has', async () => {
    const { board } = virtual
    await board.publish(QUEUE, [order(0)])
    const [late] = await board.claim(QUEUE, 1)
    await virtual.pass(QUEUE, LEASE_SECONDS + 2)
    const [present] = await board.claim(QUEUE, 1)
    expect(present).toMatchObject({ attempt: 1 })
    const mutant = unfencedBoard(board, `board_${made - 1}`)
    await inTransaction(virtual, async (db) => expect(await mutant.end(QUEUE, late!, db)).toBe(true))
    expect(await board.touch(QUEUE, [present!])).toEqual([])
  })

  it('holds a batch to the end of the transaction that looked, though its lease ends meanwhile', async () => {
    const { board } = virtual
    await board.publish(QUEUE, [order(0)])
    const [claim] = await board.claim(QUEUE, 1)
    await virtual.pass(QUEUE, LEASE_SECONDS - 1)
    const looks = await inTransaction(virtual, async (db) => {
      expect(await board.holds(QUEUE, claim!, db)).toBe(true)
      const passing = virtual.pass(QUEUE, 3)
      expect(await board.end(QUEUE, claim!, db)).toBe(true)
      return [passing]
    })
    await Promise.all(looks)
    expect(await board.claim(QUEUE, 1)).toEqual([])
  })

  it('keeps the batch where the transaction that ended it comes to nothing', async () => {
    const { board } = virtual
    await board.publish(QUEUE, [order(0)])
    const [claim] = await board.claim(QUEUE, 1)
    await inTransaction(virtual, (db) => board.end(QUEUE, claim!, db), 'ROLLBACK')
    expect(await board.touch(QUEUE, [claim!])).toEqual([claim])
  })

  it(`gives the coordinator what was lost ${LOST_ATTEMPTS} times, once, and nobody else`, async () => {
    const { board } = virtual
    await board.publish(QUEUE, [order(7)])
    for (let attempt = 0; attempt < LOST_ATTEMPTS; attempt++) {
      expect(await board.takeLost(QUEUE, 1)).toEqual([])
      expect(await board.claim(QUEUE, 1)).toMatchObject([{ attempt }])
      await virtual.pass(QUEUE, LEASE_SECONDS + 2)
    }
    expect(await board.claim(QUEUE, 1)).toEqual([])
    const lost = await board.takeLost(QUEUE, 5)
    expect(ids(lost)).toEqual([7])
    await inTransaction(virtual, async (db) => expect(await board.end(lostOf(QUEUE), lost[0]!, db)).toBe(true))
    expect(await board.takeLost(QUEUE, 5)).toEqual([])
  })

  it('gives the coordinator what was lost as often as its answer is', async () => {
    const { board } = virtual
    await board.publish(QUEUE, [order(7)])
    for (let attempt = 0; attempt < LOST_ATTEMPTS; attempt++) {
      await board.claim(QUEUE, 1)
      await virtual.pass(QUEUE, LEASE_SECONDS + 2)
    }
    for (let attempt = 0; attempt < 3 * LOST_ATTEMPTS; attempt++) {
      expect(ids(await board.takeLost(QUEUE, 5))).toEqual([7])
      await virtual.pass(lostOf(QUEUE), LEASE_SECONDS + 2)
    }
  })

  it('keeps what nobody comes for, however long that is', async () => {
    await virtual.board.publish(QUEUE, [order(7)])
    const { rows } = await virtual.pool.query(
      `SELECT extract(epoch FROM keep_until - created_on)::float8 AS seconds FROM board_${made - 1}.job`,
    )
    expect(rows).toEqual([{ seconds: expect.closeTo(10 * 365 * DAY_SECONDS, 0) }])
  })

  it('leaves nobody a claim when a queue is begun anew', async () => {
    const { board } = virtual
    await board.publish(QUEUE, [order(0), order(1)])
    const [claim] = await board.claim(QUEUE, 1)
    await board.begin(QUEUE)
    expect(await board.touch(QUEUE, [claim!])).toEqual([])
    expect(await board.claim(QUEUE, 5)).toEqual([])
    await inTransaction(virtual, async (db) => expect(await board.holds(QUEUE, claim!, db)).toBe(false))
  })

  it('has nothing in a queue that was withdrawn, and no claim on it holds, for a process that has not met it either', async () => {
    const { board } = virtual
    await board.publish(QUEUE, [order(0)])
    const [claim] = await board.claim(QUEUE, 1)
    await board.withdraw(QUEUE)
    await using late = await openVirtualBoard(postgres.url, `board_${made - 1}`)
    expect(await late.board.claim(QUEUE, 5)).toEqual([])
    expect(await late.board.touch(QUEUE, [claim!])).toEqual([])
    await late.board.supervise(QUEUE)
    await inTransaction(late, async (db) => {
      expect(await late.board.holds(QUEUE, claim!, db)).toBe(false)
      expect(await late.board.end(QUEUE, claim!, db)).toBe(false)
    })
    await expect(late.board.publish(QUEUE, [order(1)])).rejects.toThrow('does not exist')
  })

  it('hands out later what is published for later', async () => {
    const { board } = virtual
    await board.publish(QUEUE, [order(0)], { waitSeconds: 2 })
    expect(await board.claim(QUEUE, 1)).toEqual([])
    await virtual.pass(QUEUE, 3)
    expect(ids(await board.claim(QUEUE, 1))).toEqual([0])
  })
})
