import { fails, holds } from '@millrace/kernel/test/property'
import type { StandardSchemaV1 } from '@standard-schema/spec'
import { type } from 'arktype'
import fc from 'fast-check'
import * as v from 'valibot'
import { describe, expect, it } from 'vitest'
import * as z from 'zod'
import { Admission } from '../../src/admit/admission.ts'
import { inspectPayload, PayloadFault } from '../../src/admit/inspect-payload.ts'
import { defineIntent, type IntentDefinition } from '../../src/intent/define-intent.ts'
import type { Intent } from '../../src/intent/intent.ts'
import { Rig } from '../scheduler/rig.ts'

const target = { kind: 'insert', table: 'moves', columns: { body: 'jsonb' } } as const
const patch = { kind: 'patch', table: 'entities', key: { column: 'id' }, column: 'state' } as const
const toRow = (body: unknown) => ({ body })

const zod = z.object({ to: z.object({ x: z.number(), y: z.number() }), tags: z.array(z.string()).default([]) })
const valibot = v.object({ to: v.object({ x: v.number(), y: v.number() }), tags: v.optional(v.array(v.string()), []) })
const arktype = type({ to: { x: 'number', y: 'number' }, tags: type('string[]').default(() => []) })

function admission(...definitions: IntentDefinition<string, never, never>[]) {
  return new Admission(definitions as unknown as IntentDefinition[], 1_000_000)
}

async function admit(definition: object, intent: Partial<Intent> = {}) {
  const one = { type: 'move', payload: {}, ...intent }
  return admission(definition as IntentDefinition<string, never, never>).admit(one, 5)
}

const anything = defineIntent({ type: 'move', target, toRow })

/** Its code and the fields at fault. */
async function faultOf(definition: object, intent: Partial<Intent>) {
  try {
    await admit(definition, intent)
  } catch (error) {
    const { code, detail, message } = error as {
      code: string
      message: string
      detail: { issues: { path: unknown[]; message: string }[] }
    }
    return { code, message, paths: detail.issues?.map(({ path }) => path.join('.')) }
  }
  throw new Error('it was admitted')
}

describe('a schema', () => {
  const schemas = { zod, valibot, arktype }
  const definitions = Object.entries(schemas).map(
    ([name, schema]) => [name, defineIntent({ type: 'move', schema, target, toRow })] as const,
  )

  it.each(definitions)('of %s makes of a payload what is written', async (_, definition) => {
    const entry = await admit(definition, { payload: { to: { x: 1, y: 2 } } })
    expect(entry.payload).toEqual({ to: { x: 1, y: 2 }, tags: [] })
    expect(entry.intent.payload).toEqual({ to: { x: 1, y: 2 } })
    expect(entry.at).toBe(5)
  })

  it.each(definitions)('of %s refuses, with the field at fault', async (_, definition) => {
    const fault = await faultOf(definition, { payload: { to: { x: 1, y: 'two' }, tags: ['a', 3] } })
    expect(fault).toMatchObject({ code: 'INTENT_INVALID', paths: ['to.y', 'tags.1'] })
    expect(fault.message).toContain('move: payload.to.y: ')
  })

  it('may take its time', async () => {
    const isTaken = async (name: string) => name !== 'taken'
    const asynchronous = {
      zod: z.object({ name: z.string().refine(isTaken) }),
      valibot: v.objectAsync({ name: v.pipeAsync(v.string(), v.checkAsync(isTaken)) }),
    }
    for (const schema of Object.values(asynchronous)) {
      const definition = defineIntent({ type: 'move', schema, target, toRow })
      const admitted = admission(definition as never).admit({ type: 'move', payload: { name: 'free' } }, 0)
      expect(admitted).toBeInstanceOf(Promise)
      expect((await admitted).payload).toEqual({ name: 'free' })
      expect(await faultOf(definition, { payload: { name: 'taken' } })).toMatchObject({
        code: 'INTENT_INVALID',
        paths: ['name'],
      })
    }
  })

  it('that throws has refused', async () => {
    const bug = () => {
      throw new Error('a bug')
    }
    for (const validate of [bug, async () => bug()]) {
      const schema = { '~standard': { version: 1, vendor: 'test', validate } } as StandardSchemaV1
      const fault = await faultOf(defineIntent({ type: 'move', schema, target, toRow }), { payload: 'text' })
      expect(fault).toMatchObject({ code: 'INTENT_INVALID', message: 'move: its schema threw: a bug' })
    }
    const definition = defineIntent({ type: 'move', schema: z.string().transform(bug), target, toRow })
    expect(await faultOf(definition, { payload: 'text' })).toMatchObject({ code: 'INTENT_INVALID' })
  })

  it('is not trusted with what would do harm', async () => {
    const schema = z.any().transform(() => ({ text: 'a\0b' }))
    const definition = defineIntent({ type: 'move', schema, target, toRow })
    expect(await faultOf(definition, { payload: 1 })).toMatchObject({ paths: ['text'] })
  })
})

describe('bad input', () => {
  const cyclic: Record<string, unknown> = { a: {} }
  cyclic.a = [cyclic]
  let deep: unknown = 1
  for (let level = 0; level < 70; level++) deep = { a: deep }

  it.each<[string, unknown, string]>([
    ['a NUL character', { a: ['b', 'c\0'] }, 'a.1'],
    ['a NUL character in a name', { a: { 'b\0': 1 } }, 'a'],
    ['a prototype', JSON.parse('{"a":{"__proto__":{"isAdmin":true}}}'), 'a.__proto__'],
    [
      'a prototype by its constructor',
      { a: { constructor: { prototype: { isAdmin: true } } } },
      'a.constructor.prototype',
    ],
    ['a function', { a: () => 1 }, 'a'],
    ['a symbol', { a: Symbol('a') }, 'a'],
    ['no number', { a: Number.NaN }, 'a'],
    ['no end', { a: [Number.POSITIVE_INFINITY] }, 'a.0'],
    ['a map', { a: new Map() }, 'a'],
    ['a set', { a: new Set() }, 'a'],
    ['no date', { a: new Date('never') }, 'a'],
  ])('with %s is INTENT_INVALID, with the field', async (_, payload, path) => {
    const fault = await faultOf(anything, { payload })
    expect(fault).toMatchObject({ code: 'INTENT_INVALID', paths: [path] })
  })

  it.each<[string, unknown]>([
    ['contains itself', cyclic],
    ['is too deep', deep],
  ])('that %s is INTENT_INVALID', async (_, payload) => {
    const fault = await faultOf(anything, { payload })
    expect(fault.code).toBe('INTENT_INVALID')
    expect(fault.message).toContain('more than 64 levels deep, or contains itself')
  })

  it('of 10 MB is INTENT_TOO_LARGE, told in no time', async () => {
    const payload = { text: 'x'.repeat(10_000_000) }
    expect(await faultOf(anything, { payload })).toMatchObject({ code: 'INTENT_TOO_LARGE' })
    expect(await faultOf(anything, { payload: new Array(1e9) })).toMatchObject({ code: 'INTENT_TOO_LARGE' })
    expect(await faultOf({ ...anything, maxPayloadBytes: 10 }, { payload: 'x'.repeat(9) })).toMatchObject({
      message: 'move: its payload takes more than 10 bytes; send less, or raise maxPayloadBytes of its definition',
    })
    const wide = { ...anything, maxPayloadBytes: 1e9 }
    expect((await faultOf(wide, { payload })).message).toContain('raise maxBytes of the scheduler')
  })

  it.each<[Partial<Intent>, string]>([
    [{ type: 'fly' }, 'INTENT_TYPE_UNKNOWN'],
    [{ type: '__proto__' }, 'INTENT_TYPE_UNKNOWN'],
    [{ key: '' }, 'INTENT_INVALID'],
    [{ key: 'a\0' }, 'INTENT_INVALID'],
    [{ key: 5 as never }, 'INTENT_INVALID'],
    [{ tenant: 'x'.repeat(201) }, 'INTENT_INVALID'],
    [{ idempotencyKey: '' }, 'INTENT_INVALID'],
    [{ idempotencyKey: null as never }, 'INTENT_INVALID'],
  ])('such as %o is %s', async (intent, code) => expect((await faultOf(anything, intent)).code).toBe(code))

  it.each([null, undefined, 5, 'move', []])('such as %o is no intent', async (bad) => {
    const rejected = new Rig().scheduler.submit(bad as never)
    await expect(rejected).rejects.toMatchObject({ code: expect.stringMatching(/INTENT_(INVALID|TYPE_UNKNOWN)/) })
  })

  it('costs only itself: the other 856 commit', async () => {
    const rig = await new Rig({ adaptiveBatching: false }).start()
    const bad = [{ type: 'no' }, { key: '' }, { idempotencyKey: '\0' }, { tenant: 5 as never }]
    rig.submitMany(861, (index) => (index < 4 ? bad[index]! : { isPoison: index === 500 }))
    await rig.clock.advance(0)
    expect(rig.tally).toEqual({ committed: 856, INTENT_REJECTED: 1, INTENT_TYPE_UNKNOWN: 1, INTENT_INVALID: 3 })
  })
})

describe('a key', () => {
  it('is the one given, what key() says, or that of the row', async () => {
    const byRow = defineIntent({
      type: 'move',
      target: patch,
      toRow: ({ id }: { id: string }) => ({ key: id, set: { x: 1 } }),
    })
    const byKey = defineIntent({ type: 'move', target, toRow, key: ({ id }: { id: string }) => `entity ${id}` })
    expect((await admit(byRow, { payload: { id: '7' } })).key).toBe('entities:7')
    expect((await admit(byKey, { payload: { id: '7' } })).key).toBe('entity 7')
    expect((await admit(byKey, { payload: { id: '7' }, key: 'mine' })).key).toBe('mine')
    expect((await admit(anything)).key).toBeUndefined()
  })

  it('that cannot be told is INTENT_INVALID', async () => {
    const throws = { ...anything, key: (payload: { a: { b: string } }) => payload.a.b }
    expect(await faultOf(throws, { payload: {} })).toMatchObject({ code: 'INTENT_INVALID' })
    const none = defineIntent({ type: 'move', target: patch, toRow: () => ({ key: undefined as never }) })
    expect((await faultOf(none, { payload: {} })).message).toContain('its key must be a string')
  })
})

type Inspect = typeof inspectPayload

/** Anything made of JSON is let in, for about what it takes as JSON; with a NUL somewhere it is not, and the path leads there. */
const judgesJson = (inspect: Inspect) =>
  fc.property(fc.jsonValue({ maxDepth: 5 }), fc.nat(), (drawn, where) => {
    const value: unknown = JSON.parse(
      JSON.stringify(drawn, (_, each) => (typeof each === 'string' ? each.replaceAll('\0', '') : each)).replaceAll(
        '\\u0000',
        '',
      ),
    )
    if (JSON.stringify(value).includes('"__proto__"')) return
    const bytes = inspect(value, 1e6)
    if (bytes instanceof PayloadFault) throw new Error(`${JSON.stringify(value)}: ${bytes.message}`)
    const { length } = Buffer.from(JSON.stringify(value))
    if (bytes < length / 8 || bytes > 8 * length + 8) throw new Error(`${bytes} bytes, not about ${length}`)
    const holders: { path: (string | number)[]; hurt: () => void }[] = []
    const visit = (each: unknown, path: (string | number)[]) => {
      if (typeof each !== 'object' || each === null) return
      for (const [name, field] of Object.entries(each)) {
        const at = [...path, Array.isArray(each) ? Number(name) : name]
        holders.push({ path: at, hurt: () => Object.assign(each, { [name]: 'a\0' }) })
        visit(field, at)
      }
    }
    visit(value, [])
    if (holders.length === 0) return
    const { path, hurt } = holders[where % holders.length]!
    hurt()
    const fault = inspect(value, 1e6)
    if (!(fault instanceof PayloadFault)) throw new Error('a NUL passed')
    expect(fault.path).toEqual(path)
  })

describe('inspectPayload', () => {
  it.each<[unknown, number]>([
    [null, 4],
    [undefined, 5],
    [true, 5],
    [7n, 20],
    ['text', 6],
    [new Date(0), 26],
    [new Uint8Array(10), 20],
    [Object.assign(Object.create({}), { a: 1 }), 15],
    ['ä'.repeat(100), 202],
  ])('takes %o for %i bytes', (payload, bytes) => expect(inspectPayload(payload, 1000)).toBe(bytes))

  it('judges whatever is JSON', () => holds(judgesJson(inspectPayload), 150))
  it('is caught where it looks at the first level only', () => {
    const shallow: Inspect = (payload, maxBytes) => {
      const bytes = inspectPayload(payload, maxBytes)
      return bytes instanceof PayloadFault && bytes.path.length > 1 ? 20 : bytes
    }
    return fails(judgesJson(shallow), 150)
  })
})
