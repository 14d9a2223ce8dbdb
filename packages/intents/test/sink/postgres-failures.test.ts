import { startPostgres, type TestPostgres } from '@millrace/kernel/test/postgres/start-postgres'
import { VirtualClock } from '@millrace/kernel/virtual-clock'
import { Client } from 'pg'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { createPostgresSink } from '../../src/sink/postgres/index.ts'
import type { WriteItem } from '../../src/sink/sink.ts'
import { openWireProxy } from '../postgres/wire-proxy.ts'
import { DEFINITIONS, item, patch, patchCreate, TABLES, write } from './conformance.ts'

let server: TestPostgres
let client: Client

async function look(): Promise<void> {
  client = new Client(server.url)
  client.on('error', () => {})
  await client.connect()
}

beforeAll(async () => {
  server = await startPostgres()
  await look()
  for (const table of TABLES) await client.query(table)
})
afterAll(async () => {
  await client?.end()
  await server?.stop()
})

async function opened(options = {}, port = server.port) {
  const { password } = server
  const connection = { host: '127.0.0.1', port, user: 'millrace', password, database: 'postgres' }
  const sink = createPostgresSink({ connection, connections: 1, ...options })
  await sink.open(DEFINITIONS)
  return sink
}

const countOf = async (id: string) =>
  (await client.query(`SELECT data ->> 'n' AS n FROM players WHERE id = $1`, [id])).rows[0]?.n as string | undefined
const add = (id: string, key?: string) => [item(patchCreate, { key: id, add: { n: 1 } }, key)]
const isCommit = (bytes: Buffer) => bytes.includes('COMMIT\0')

const slow = process.env.MILLRACE_SLOW !== undefined
const WRITES = slow ? 200 : 25
const KILLS = slow ? 200 : 25

describe('a sink on PostgreSQL', () => {
  test('writes 857 intents in one round trip, with idempotency keys in two', async () => {
    await using proxy = await openWireProxy(server.port)
    // Were they slow, it would ask what they wait for, if time went by.
    await using sink = await opened({ clock: new VirtualClock() }, proxy.port)
    const batch = (key: (at: number) => string | undefined): WriteItem[][] => [
      Array.from({ length: 857 }, (_, at) => item(patch, { key: `p ${at}`, set: { hp: at } }, key(at))),
    ]
    await write(sink, [Array.from({ length: 857 }, (_, at) => item(patchCreate, { key: `p ${at}` }))])
    const counted = async (key: (at: number) => string | undefined) => {
      proxy.roundTrips = proxy.executions = 0
      const outcomes = await write(sink, batch(key))
      return { outcomes: new Set(outcomes), roundTrips: proxy.roundTrips, executions: proxy.executions }
    }
    expect(await counted(() => undefined)).toEqual({ outcomes: new Set(['committed']), roundTrips: 1, executions: 3 })
    expect(await counted((at) => `key ${at}`)).toEqual({
      outcomes: new Set(['committed']),
      roundTrips: 2,
      executions: 4,
    })
    const again = await counted((at) => `key ${at}`)
    expect(again.outcomes).toEqual(new Set(['duplicate']))
    expect(again.roundTrips).toBeLessThanOrEqual(5)
  })

  test('does not know what became of a batch whose COMMIT was not answered, and settles it by its keys', async () => {
    await using proxy = await openWireProxy(server.port)
    for (const [name, cut] of [
      ['answer', 'onAnswer'],
      ['request', 'onRequest'],
    ] as const) {
      // A new one, which sends the text of each statement once.
      await using sink = await opened({}, proxy.port)
      const keyed = [add(`lost ${name}`, `lost ${name}`)]
      proxy[cut] = (bytes) => !isCommit(bytes)
      const error = await write(sink, keyed).catch((reason: unknown) => reason)
      expect(error).toMatchObject({ code: 'CONNECTION_LOST' })
      expect(sink.failureOf(error)).toBe('unknown')
      proxy[cut] = undefined
      expect(await write(sink, keyed)).toEqual([name === 'answer' ? 'duplicate' : 'committed'])
      expect(await countOf(`lost ${name}`)).toBe('1')
    }
  })

  test('gives up a COMMIT that is not answered when it is told to, and does not know what became of it', async () => {
    await using proxy = await openWireProxy(server.port)
    await using sink = await opened({}, proxy.port)
    const abort = new AbortController()
    proxy.onAnswer = (bytes) => {
      if (!isCommit(bytes)) return true
      abort.abort()
      return 'hold'
    }
    const error = await write(sink, [add('hung', 'hung')], abort.signal).catch((reason: unknown) => reason)
    expect(sink.failureOf(error)).toBe('unknown')
    proxy.onAnswer = undefined
    expect(await write(sink, [add('hung', 'hung')])).toEqual(['duplicate'])
  })

  test('has the server end a statement that takes too long', async () => {
    await using sink = await opened({ statementTimeoutMs: 50 })
    await write(sink, [add('slow')])
    await client.query(`BEGIN; UPDATE players SET data = data WHERE id = 'slow'`)
    const error = await write(sink, [add('slow')]).catch((reason: unknown) => reason)
    expect([sink.failureOf(error), error]).toMatchObject(['transient', { detail: { sqlState: '57014' } }])
    await client.query('ROLLBACK')
    expect(await write(sink, [add('slow')])).toEqual(['committed'])
  })

  test('knows that nothing is written if the connection was lost before COMMIT was sent', async () => {
    await using proxy = await openWireProxy(server.port)
    await using sink = await opened({}, proxy.port)
    proxy.onAnswer = (bytes) => !bytes.includes('BEGIN\0')
    const error = await write(sink, [add('early', 'early')]).catch((reason: unknown) => reason)
    expect(sink.failureOf(error)).toBe('transient')
    proxy.onAnswer = undefined
    expect(await write(sink, [add('early', 'early')])).toEqual(['committed'])
  })

  test('believes a server that says it ends the session', async () => {
    await using sink = await opened()
    await write(sink, [add('ended')])
    await client.query(`BEGIN; UPDATE players SET data = data WHERE id = 'ended'`)
    const writing = write(sink, [add('ended')]).catch((reason: unknown) => reason)
    for (let ended = 0; ended === 0; )
      ended =
        (
          await client.query(
            `SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'millrace' AND wait_event_type = 'Lock'`,
          )
        ).rowCount ?? 0
    expect(sink.failureOf(await writing)).toBe('transient')
    await client.query('ROLLBACK')
    expect(await countOf('ended')).toBe('1')
    expect(await write(sink, [add('ended')])).toEqual(['committed'])
  })

  test('does not write to a server that only reads', async () => {
    await using sink = await opened()
    await using reading = createPostgresSink({
      url: `${server.url}?options=-c%20default_transaction_read_only%3Don`,
      connections: 1,
    })
    await reading.open(DEFINITIONS)
    expect(reading.failureOf(await write(reading, [add('read')]).catch((reason: unknown) => reason))).toBe('transient')
    expect(await write(sink, [add('read')])).toEqual(['committed'])
  })

  test('loses nothing that it confirmed and applies nothing twice, however often sessions and the server are killed', async () => {
    await using sink = await opened({ connections: 4 })
    let kills = 0
    const writer = async (id: string) => {
      let confirmed = 0
      for (let number = 0; number < WRITES; number++) {
        const key = `${id} ${number}`
        // As a scheduler does: what is transient or unknown is written again, under the same key.
        for (;;) {
          try {
            expect(await write(sink, [add(id, key)])).toEqual([expect.stringMatching(/committed|duplicate/)])
            confirmed++
            break
          } catch (error) {
            if (['data', 'permanent'].includes(sink.failureOf(error))) throw error
          }
        }
      }
      return confirmed
    }
    let over = false
    const writers = Promise.all(['w 0', 'w 1', 'w 2', 'w 3'].map(writer)).finally(() => {
      over = true
    })
    const killer = new Client(server.url)
    await killer.connect()
    while (!over && kills < KILLS) {
      const { rowCount } = await killer.query(
        `SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'millrace' AND state <> 'idle' LIMIT 1`,
      )
      kills += rowCount ?? 0
    }
    await killer.end()
    await client.end()
    await server.kill()
    await server.start()
    expect(await writers).toEqual(Array(4).fill(WRITES))
    await look()
    expect(kills).toBeGreaterThan(5)
    for (const id of ['w 0', 'w 1', 'w 2', 'w 3']) expect([id, await countOf(id)]).toEqual([id, String(WRITES)])
  })

  test('goes on after the server was started anew', async () => {
    await using sink = await opened()
    await write(sink, [add('restarted')])
    await client.end()
    await server.restart()
    await look()
    for (;;) {
      try {
        expect(await write(sink, [add('restarted')])).toEqual(['committed'])
        break
      } catch (error) {
        expect(['transient', 'unknown']).toContain(sink.failureOf(error))
      }
    }
    expect(await countOf('restarted')).toBe('2')
  })
})
