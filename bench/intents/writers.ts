import DataLoader from 'dataloader'
import { Pool } from 'pg'
import { type BenchDatabase, keyOf } from './database.ts'
import { type MoveScheduler, type OursOptions, openOurs } from './patch.ts'

const BATCH = 857
/** Everybody who works in batches has so many connections. */
const CONNECTIONS = 2
/** So many callers submit a batch's worth each, and wait for all of it. */
const CALLERS = 2 * CONNECTIONS

const SET_X = `jsonb_set(data, '{position,x}', to_jsonb($2::float8))`
const UPDATE_ONE = { name: 'one', text: `UPDATE players SET data = ${SET_X} WHERE id = $1` }
const UPDATE_MANY = {
  name: 'many',
  text: `UPDATE players AS t SET data = jsonb_set(t.data, '{position,x}', to_jsonb(i.x))
FROM unnest($1::text[], $2::float8[]) AS i(id, x) WHERE t.id = i.id`,
}

/** Writes intents 0 to `count - 1`, and resolves when all are committed. */
export interface Writer extends AsyncDisposable {
  readonly name: string
  write(count: number): Promise<void>
}

/** Every intent a promise, which settles when it is committed. */
export async function openScheduler(
  database: BenchDatabase,
  { isKeyed = false, name = 'ours', ...options }: OursOptions & { readonly isKeyed?: boolean; readonly name?: string },
): Promise<Writer> {
  const scheduler = await openOurs(database.config, {
    connections: CONNECTIONS,
    adaptiveBatching: false,
    maxBatchSize: BATCH,
    ...options,
  })
  let turn = 0
  return {
    name,
    async write(count) {
      turn++
      await byCallers(count, (at) => submit(scheduler, at, isKeyed ? `${turn}:${at}` : undefined))
    },
    [Symbol.asyncDispose]: () => scheduler[Symbol.asyncDispose](),
  }
}

function submit(scheduler: MoveScheduler, at: number, idempotencyKey: string | undefined): Promise<unknown> {
  const payload = { key: keyOf(at), x: at }
  return scheduler.submit(
    idempotencyKey === undefined ? { type: 'move', payload } : { type: 'move', payload, idempotencyKey },
  )
}

/** The least: arrays are filled and sent, over and over, on each connection. No promise an intent, no check, no result. */
export async function openBareLoop(database: BenchDatabase, options?: string): Promise<Writer> {
  const clients = await connections(database, CONNECTIONS, options)
  return {
    name: 'bare UPDATE … FROM unnest',
    async write(count) {
      const take = batchesOf(count)
      await Promise.all(
        clients.map(async (client) => {
          for (let batch = take(); batch !== undefined; batch = take()) {
            const ids: string[] = []
            const xs: number[] = []
            for (let at = batch.from; at < batch.to; at++) {
              ids.push(keyOf(at))
              xs.push(at)
            }
            await client.query({ ...UPDATE_MANY, values: [ids, xs] })
          }
        }),
      )
    },
    [Symbol.asyncDispose]: async () => {},
  }
}

/** The specification's way: a batch is one string of statements. */
export async function openOneString(database: BenchDatabase): Promise<Writer> {
  return openInTurns(database, 'one string of statements', {}, async (client, from, to) => {
    const statements = ['BEGIN']
    for (let at = from; at < to; at++) {
      statements.push(
        `UPDATE players SET data = jsonb_set(data, '{position,x}', to_jsonb(${at}::float8)) WHERE id = ${client.escapeLiteral(keyOf(at))}`,
      )
    }
    await client.query([...statements, 'COMMIT'].join(';'))
  })
}

/** `pg` in its pipeline mode: a transaction's statements are sent without waiting for each other. */
export async function openPipelined(database: BenchDatabase): Promise<Writer> {
  return openInTurns(database, "pg's pipelined transaction", { pipeline: true }, async (client, from, to) => {
    const queries: Promise<unknown>[] = [client.query('BEGIN')]
    for (let at = from; at < to; at++) queries.push(client.query({ ...UPDATE_ONE, values: [keyOf(at), at] }))
    queries.push(client.query('COMMIT'))
    await Promise.all(queries)
  })
}

async function openInTurns(
  database: BenchDatabase,
  name: string,
  config: object,
  send: (client: Awaited<ReturnType<BenchDatabase['connect']>>, from: number, to: number) => Promise<void>,
): Promise<Writer> {
  const clients = await Promise.all(Array.from({ length: CONNECTIONS }, () => database.connect(config)))
  return {
    name,
    async write(count) {
      const take = batchesOf(count)
      await Promise.all(
        clients.map(async (client) => {
          for (let batch = take(); batch !== undefined; batch = take()) await send(client, batch.from, batch.to)
        }),
      )
    },
    [Symbol.asyncDispose]: async () => {},
  }
}

/** One statement an intent, each a transaction, over so many connections. */
export async function openOneByOne(database: BenchDatabase, count: number): Promise<Writer> {
  const pool = new Pool({ ...database.config, max: count })
  return {
    name: count === 1 ? 'one by one' : `pg.Pool(${count}), one by one`,
    async write(intents) {
      let next = 0
      const work = async () => {
        for (let at = next++; at < intents; at = next++) await pool.query({ ...UPDATE_ONE, values: [keyOf(at), at] })
      }
      await Promise.all(Array.from({ length: count }, work))
    },
    [Symbol.asyncDispose]: () => pool.end(),
  }
}

/** What one would build of DataLoader: batches, and a promise an intent, over the bare statement. */
export async function openDataLoader(database: BenchDatabase): Promise<Writer> {
  const pool = new Pool({ ...database.config, max: CONNECTIONS })
  const loader = new DataLoader<number, boolean>(
    async (numbers) => {
      await pool.query({ ...UPDATE_MANY, values: [numbers.map(keyOf), numbers] })
      return numbers.map(() => true)
    },
    { cache: false, maxBatchSize: BATCH },
  )
  return {
    name: 'DataLoader over the same UPDATE',
    write: (count) => byCallers(count, (at) => loader.load(at)),
    [Symbol.asyncDispose]: () => pool.end(),
  }
}

/** Several callers, each of which submits a batch's worth and waits for its promises. */
async function byCallers(count: number, submit: (at: number) => Promise<unknown>): Promise<void> {
  const take = batchesOf(count)
  const call = async () => {
    for (let batch = take(); batch !== undefined; batch = take()) {
      const promises: Promise<unknown>[] = []
      for (let at = batch.from; at < batch.to; at++) promises.push(submit(at))
      await Promise.all(promises)
    }
  }
  await Promise.all(Array.from({ length: CALLERS }, call))
}

/** Hands out 0 to `count - 1` a batch at a time. */
function batchesOf(count: number): () => { readonly from: number; readonly to: number } | undefined {
  let next = 0
  return () => {
    if (next >= count) return undefined
    const from = next
    next = Math.min(count, from + BATCH)
    return { from, to: next }
  }
}

function connections(database: BenchDatabase, count: number, options: string | undefined) {
  const config = options === undefined ? {} : { options }
  return Promise.all(Array.from({ length: count }, () => database.connect(config)))
}
