import { messageOf } from '@millrace/kernel/test/property'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { defineIntent, type IntentDefinition } from '../../src/intent/define-intent.ts'
import type { InsertTarget, PatchTarget, Row, RowChange, UpdateTarget } from '../../src/intent/target.ts'
import type { ItemOutcome, Sink, WriteItem } from '../../src/sink/sink.ts'

/** The tables that a sink under test has, besides its own. */
export const TABLES = [
  'CREATE TABLE IF NOT EXISTS players (id text PRIMARY KEY, data jsonb)',
  'CREATE TABLE IF NOT EXISTS accounts (id int8 PRIMARY KEY, owner text, balance int4)',
  'CREATE TABLE IF NOT EXISTS events (id text PRIMARY KEY, kind varchar(12), weight float8, doc jsonb, serial int4)',
]

/** A sink under test, and a look at what it has written. */
export interface SinkUnderTest {
  readonly sink: Sink
  rows(table: string): Promise<Record<string, unknown>[]>
  end(): Promise<void>
}

const asGiven = { toRow: (row: never) => row as RowChange & Row }
const players: PatchTarget = { kind: 'patch', table: 'players', key: { column: 'id' }, column: 'data' }
const accounts: UpdateTarget = {
  kind: 'update',
  table: 'accounts',
  key: { column: 'id', type: 'int8' },
  columns: { owner: 'text', balance: 'int4' },
}
const events: InsertTarget = {
  kind: 'insert',
  table: 'events',
  columns: { id: 'text', kind: 'varchar(12)', weight: 'float8', doc: 'jsonb', serial: 'int4' },
  key: ['id'],
}

export const patch = defineIntent({ type: 'patch', target: players, ...asGiven })
export const patchBack = defineIntent({
  type: 'patch-back',
  target: { ...players, returning: ['hp', 'position.x'] },
  ...asGiven,
})
export const patchCreate = defineIntent({ type: 'patch-create', target: { ...players, create: true }, ...asGiven })
const update = defineIntent({ type: 'update', target: accounts, ...asGiven })
const updateBack = defineIntent({
  type: 'update-back',
  target: { ...accounts, returning: ['owner', 'balance'] },
  ...asGiven,
})
const open = defineIntent({
  type: 'open',
  target: {
    kind: 'insert',
    table: 'accounts',
    columns: { id: 'int8', owner: 'text', balance: 'int4' },
    key: ['id'],
    returning: ['id', 'balance'],
  },
  ...asGiven,
})
export const insert = defineIntent({ type: 'insert', target: events, ...asGiven })
const insertBack = defineIntent({
  type: 'insert-back',
  target: { ...events, returning: ['kind', 'doc'] },
  ...asGiven,
})
const ignore = defineIntent({
  type: 'ignore',
  target: { ...events, onConflict: 'ignore', returning: ['kind'] },
  ...asGiven,
})
const upsert = defineIntent({
  type: 'upsert',
  target: { ...events, onConflict: 'update', returning: ['kind', 'weight'] },
  ...asGiven,
})

export const DEFINITIONS: readonly IntentDefinition[] = [
  patch,
  patchBack,
  patchCreate,
  update,
  updateBack,
  open,
  insert,
  insertBack,
  ignore,
  upsert,
] as unknown as readonly IntentDefinition[]

export function item(definition: unknown, payload: RowChange | Row, idempotencyKey?: string): WriteItem {
  return { definition: definition as IntentDefinition, payload, key: undefined, idempotencyKey }
}

let batches = 0

/** Writes waves, and tells of each item how it ended: its status, its value or its error's code. */
export async function write(
  sink: Sink,
  waves: readonly (readonly WriteItem[])[],
  signal: AbortSignal = new AbortController().signal,
) {
  const outcomes = await sink.write({ id: ++batches, waves, size: waves.flat().length }, signal)
  return waves.flat().map((one) => brief(outcomes.get(one)))
}

function brief(outcome: ItemOutcome | undefined): unknown {
  if (outcome === undefined) return 'committed'
  if (outcome.status === 'failed') return outcome.error.code
  return outcome.value === undefined ? outcome.status : { [outcome.status]: outcome.value }
}

/** What every sink promises. */
export function sinkConformance(start: () => Promise<SinkUnderTest>): void {
  let under: SinkUnderTest
  let sink: Sink
  let tests = 0
  /** A name that no other test has. */
  let name = ''
  const named = (suffix: string | number) => `${name}-${suffix}`
  const rowOf = async (table: string, id: string | number) =>
    (await under.rows(table)).find((row) => String(row.id) === String(id))
  const docOf = async (id: string) => (await rowOf('players', id))?.data
  const create = (id: string, data: Row) => item(patchCreate, { key: id, set: data })

  beforeAll(async () => {
    under = await start()
    sink = under.sink
    await sink.open(DEFINITIONS)
  }, 120_000)
  afterAll(() => under?.end())
  const check = (title: string, body: () => Promise<void>) =>
    test(title, async () => {
      name = `t${++tests}`
      await body()
    })

  describe('inserts', () => {
    check('rows, with all kinds of values; columns left out are null', async () => {
      const row = { id: named('"\\'), kind: 'it’s {a}', weight: 0.1, doc: { deep: ['NULL', null, 'é"\\'] } }
      expect(await write(sink, [[item(insert, row), item(insert, { id: named(2), weight: 1e21 })]])).toEqual([
        'committed',
        'committed',
      ])
      expect(await rowOf('events', row.id)).toEqual({ ...row, serial: null })
      expect(await rowOf('events', named(2))).toMatchObject({ kind: null, weight: 1e21, doc: null })
    })

    check('tells of a row that is there already, and writes the others', async () => {
      const rows = [3, 1, 2].map((at) => item(insertBack, { id: named(at), kind: `kind ${at}`, doc: { at } }))
      await write(sink, [[item(insert, { id: named(1) })]])
      expect(await write(sink, [rows])).toEqual([
        { committed: { kind: 'kind 3', doc: { at: 3 } } },
        'ROW_EXISTS',
        { committed: { kind: 'kind 2', doc: { at: 2 } } },
      ])
    })

    check('two of one key in a wave: the second is refused, passed over, or wins', async () => {
      const two = (definition: unknown, id: string) => [
        item(definition, { id, kind: 'first' }),
        item(definition, { id, kind: 'second', weight: 2 }),
      ]
      expect(await write(sink, [two(insert, named(1))])).toEqual(['committed', 'ROW_EXISTS'])
      expect(await write(sink, [two(ignore, named(2))])).toEqual([{ committed: { kind: 'first' } }, 'committed'])
      expect(await write(sink, [two(upsert, named(3))])).toEqual([
        { committed: { kind: 'first', weight: null } },
        { committed: { kind: 'second', weight: 2 } },
      ])
      expect(await rowOf('events', named(3))).toMatchObject({ kind: 'second' })
    })

    check('what cannot be a row is its own failure', async () => {
      expect(
        await write(sink, [
          [
            item(insert, { id: named(1), colour: 'red' }),
            item(insert, { id: named(2), serial: 1.5 }),
            item(insert, { id: named(3), kind: 'a\0b' }),
            item(insert, { id: named(4), doc: Number.NaN }),
            item(insert, { id: named(6), serial: '1,2' }),
            item(update, { key: '1}', set: { owner: 'x' } }),
            item(insert, { kind: 'no id' }),
            item(insert, { id: named(5) }),
          ],
        ]),
      ).toEqual([
        'ROW_INVALID',
        'VALUE_UNSUPPORTED',
        'VALUE_UNSUPPORTED',
        'VALUE_UNSUPPORTED',
        'VALUE_UNSUPPORTED',
        'ROW_INVALID',
        'ROW_INVALID',
        'committed',
      ])
    })
  })

  describe('updates', () => {
    check('set, add, compare and return columns', async () => {
      const [a, b] = [9_007_199_254_740_000 + tests, 9_007_199_254_740_500 + tests]
      expect(await write(sink, [[item(open, { id: a, balance: 10 }), item(open, { id: b })]])).toEqual([
        { committed: { id: String(a), balance: 10 } },
        { committed: { id: String(b), balance: null } },
      ])
      expect(
        await write(sink, [
          [
            item(updateBack, { key: a, set: { owner: 'x' }, add: { balance: 5 } }),
            item(updateBack, { key: b, add: { balance: -2 } }),
          ],
          [
            item(update, { key: String(a), add: { balance: -100 }, when: [{ path: 'balance', is: '>=', value: 100 }] }),
            item(update, { key: b, set: { owner: null }, when: [{ path: 'owner', is: 'missing' }] }),
            item(update, { key: 1, set: { owner: 'nobody' } }),
            item(update, { key: b, set: { colour: 'red' } }),
            item(update, { key: a, when: [{ path: 'owner', is: '!=', value: 'x' }] }),
          ],
        ]),
      ).toEqual([
        { committed: { owner: 'x', balance: 15 } },
        { committed: { owner: null, balance: -2 } },
        'CONDITION_FAILED',
        'committed',
        'ROW_NOT_FOUND',
        'ROW_INVALID',
        'CONDITION_FAILED',
      ])
      expect(await rowOf('accounts', a)).toMatchObject({ owner: 'x', balance: 15 })
    })
  })

  describe('patches', () => {
    check('set, add to and take away what paths lead to, making what is on the way', async () => {
      const id = named(1)
      expect(await write(sink, [[create(id, { hp: 100, list: [1, { a: 2 }], old: 1 })]])).toEqual(['committed'])
      const change = {
        key: id,
        set: { 'position.at.x': 3, 'list.1.a': [null], 'list.7': 'appended', flag: false },
        add: { hp: -30.5, 'stats.str': 2 },
        remove: ['old', 'never.there'],
      }
      expect(await write(sink, [[item(patchBack, change)]])).toEqual([{ committed: { hp: 69.5, 'position.x': null } }])
      expect(await docOf(id)).toEqual({
        hp: 69.5,
        list: [1, { a: [null] }, 'appended'],
        position: { at: { x: 3 } },
        flag: false,
        stats: { str: 2 },
      })
    })

    check('tell why one was not made, by path and condition', async () => {
      const id = named(1)
      await write(sink, [[create(id, { hp: 5, name: 'n', list: [] })]])
      const items = [
        item(patch, { key: named('nobody'), set: { hp: 1 } }),
        item(patch, { key: id, set: { 'hp.max': 1 } }),
        item(patch, { key: id, set: { 'list.first': 1 } }),
        item(patch, { key: id, add: { name: 1 } }),
        item(patch, {
          key: id,
          set: { hp: 6 },
          when: [
            { path: 'name', is: '=', value: 'n' },
            { path: 'hp', is: '>', value: 5 },
          ],
        }),
        item(patch, { key: id, set: { hp: 6 }, when: [{ path: 'mana', is: 'exists' }] }),
        item(patch, { key: id, set: { hp: 6 }, when: [{ path: 'name', is: '>', value: 1 }] }),
        item(patch, { key: id, set: { 'a.b': 6, a: 7 } }),
        item(patch, { key: id, set: { 'a..b': 6 } }),
        item(patch, { key: 1.5, set: { seen: true }, when: [{ path: 'seen', is: 'missing' }] }),
      ]
      expect(await write(sink, [items])).toEqual([
        'ROW_NOT_FOUND',
        'PATH_NOT_OBJECT',
        'PATH_NOT_OBJECT',
        'NOT_A_NUMBER',
        'CONDITION_FAILED',
        'CONDITION_FAILED',
        'CONDITION_FAILED',
        'ROW_INVALID',
        'ROW_INVALID',
        'ROW_NOT_FOUND',
      ])
      const batch = { id: 0, waves: [[items[4]!]], size: 1 }
      const outcome = (await sink.write(batch, new AbortController().signal)).get(items[4]!)
      expect(outcome).toMatchObject({
        error: { message: expect.stringContaining('hp is not > 5'), detail: { path: 'hp' } },
      })
      expect(await docOf(id)).toEqual({ hp: 5, name: 'n', list: [] })
    })

    check('of many shapes come to the same', async () => {
      const ids = Array.from({ length: 40 }, (_, at) => named(at))
      await write(sink, [ids.map((id, at) => create(id, { n: at }))])
      const outcomes = await write(sink, [
        ids.map((id, at) =>
          item(patchBack, {
            key: id,
            set: { [`p${at}.x`]: at },
            add: { n: 1 },
            ...(at % 4 === 0 ? { when: [{ path: 'n', is: '<', value: at }] } : {}),
            ...(at % 4 === 1 ? { set: { 'n.x': 1 }, add: {} } : {}),
          }),
        ),
      ])
      expect(outcomes.slice(0, 4)).toEqual([
        'CONDITION_FAILED',
        'PATH_NOT_OBJECT',
        { committed: { hp: null, 'position.x': null } },
        { committed: { hp: null, 'position.x': null } },
      ])
      expect(await docOf(named(39))).toEqual({ n: 40, p39: { x: 39 } })
      expect(await docOf(named(36))).toEqual({ n: 36 })
    })
  })

  describe('waves', () => {
    check('take effect in their order, also on one key', async () => {
      const id = named(1)
      const waves = [
        [create(id, { hp: 1 })],
        [item(patch, { key: id, set: { hp: 2 }, when: [{ path: 'hp', is: '=', value: 1 }] })],
        [
          item(patch, { key: id, add: { hp: 1 }, when: [{ path: 'hp', is: '=', value: 2 }] }),
          item(patch, { key: id, add: { hp: 4 } }),
        ],
        [item(patch, { key: id, set: { hp: 9 }, when: [{ path: 'hp', is: '=', value: 1 }] })],
      ]
      expect(await write(sink, waves)).toEqual(['committed', 'committed', 'committed', 'committed', 'CONDITION_FAILED'])
      expect(await docOf(id)).toEqual({ hp: 7 })
    })
  })

  describe('idempotency keys', () => {
    check('let an item take effect once; who comes again gets what the first one got', async () => {
      const id = named(1)
      await write(sink, [[create(id, { hp: 1 })]])
      const items = () => [
        item(patchBack, { key: id, add: { hp: 1 } }, named('a')),
        item(patch, { key: named('nobody'), add: { hp: 1 } }, named('b')),
        item(patch, { key: id, add: { hp: 10 } }, named('c')),
      ]
      expect(await write(sink, [items()])).toEqual([
        { committed: { hp: 2, 'position.x': null } },
        'ROW_NOT_FOUND',
        'committed',
      ])
      await write(sink, [[create(named('nobody'), { hp: 1 })]])
      expect(await write(sink, [items(), [item(patch, { key: id, add: { hp: 100 } }, named('d'))]])).toEqual([
        { duplicate: { hp: 2, 'position.x': null } },
        'ROW_NOT_FOUND',
        'duplicate',
        'committed',
      ])
      expect(await docOf(id)).toEqual({ hp: 112 })
    })

    check('of another payload are refused; the order of its fields does not matter', async () => {
      const id = named(1)
      await write(sink, [[create(id, {})]])
      expect(await write(sink, [[item(patch, { key: id, set: { a: { x: 1, y: 2 }, b: 2 } }, name)]])).toEqual([
        'committed',
      ])
      expect(await write(sink, [[item(patch, { set: { b: 2, a: { y: 2, x: 1 } }, key: id }, name)]])).toEqual([
        'duplicate',
      ])
      for (const other of [
        item(patch, { key: id, set: { a: { x: 1, y: 3 }, b: 2 } }, name),
        item(patch, { key: id, set: { a: { x: 1, y: 2 } } }, name),
        item(patchBack, { key: id, set: { a: { x: 1, y: 2 }, b: 2 } }, name),
      ])
        expect(await write(sink, [[other]])).toEqual(['IDEMPOTENCY_KEY_REUSED'])
    })

    check('are claimed within a batch, too', async () => {
      const id = named(1)
      await write(sink, [[create(id, { hp: 0 })]])
      const add = (hp: number) => [item(patch, { key: id, add: { hp } }, name)]
      expect(await write(sink, [add(1), add(1), add(2)])).toEqual(['committed', 'duplicate', 'IDEMPOTENCY_KEY_REUSED'])
      expect(await docOf(id)).toEqual({ hp: 1 })
    })

    check('of batches written at the same time take effect once', async () => {
      const id = named(1)
      await write(sink, [[create(id, { hp: 0 })]])
      const batch = () =>
        write(sink, [Array.from({ length: 20 }, (_, at) => item(patch, { key: id, add: { hp: 1 } }, named(at)))])
      const outcomes = (await Promise.all([batch(), batch(), batch()])).flat()
      expect(outcomes.filter((outcome) => outcome === 'committed')).toHaveLength(20)
      expect(outcomes.filter((outcome) => outcome === 'duplicate')).toHaveLength(40)
      expect(await docOf(id)).toEqual({ hp: 20 })
    })
  })

  describe('a sink', () => {
    check('gives up when it is told to before, and says that nothing is written', async () => {
      const failing = write(sink, [[create(named(1), {})]], AbortSignal.abort())
      await messageOf('WRITE_ABORTED', () => failing)
      expect(sink.failureOf(await failing.catch((error: unknown) => error))).toBe('transient')
      expect(await rowOf('players', named(1))).toBeUndefined()
    })

    check('does not know what an error of others tells', async () => {
      expect(sink.failureOf(new Error('what?'))).toBe('unknown')
    })

    check('answers', async () => {
      await sink.ping(new AbortController().signal)
    })

    check('writes a batch of nothing', async () => {
      expect(await write(sink, [])).toEqual([])
    })
  })
}
