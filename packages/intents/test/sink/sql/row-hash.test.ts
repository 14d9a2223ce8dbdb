import { fails, holds } from '@millrace/kernel/test/property'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { rowHash } from '../../../src/sink/sql/encode/row-hash.ts'
import type { ShapedRow } from '../../../src/sink/sql/statements/shape.ts'

const hash = (source: unknown, type = 'type') =>
  rowHash({ item: { definition: { type } }, source } as unknown as ShapedRow)

/** Objects with their fields in another order, all the way down. */
function reversed(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(reversed)
  if (typeof value !== 'object' || value === null) return value
  return Object.fromEntries(
    Object.entries(value)
      .reverse()
      .map(([name, field]) => [name, reversed(field)]),
  )
}

/** JSON with the fields of objects in the order of their names. */
function canonical(value: unknown): string {
  return JSON.stringify(value, (_, field: unknown) =>
    typeof field === 'object' && field !== null && !Array.isArray(field)
      ? Object.fromEntries(Object.entries(field).sort(([a], [b]) => (a < b ? -1 : 1)))
      : field,
  )
}

const tells = (hashOf: (value: unknown) => string) =>
  fc.asyncProperty(fc.jsonValue({ maxDepth: 3 }), fc.jsonValue({ maxDepth: 3 }), async (one, other) => {
    expect(hashOf(reversed(one))).toBe(hashOf(one))
    expect(hashOf([one, other]) === hashOf([other, one])).toBe(canonical(one) === canonical(other))
    expect(hashOf({ one, other }) === hashOf({ one: other, other: one })).toBe(canonical(one) === canonical(other))
  })

describe('the hash of a row', () => {
  test('tells values apart, whatever the order of their fields', () => holds(tells((value) => hash(value))))

  test('would not, if it went by the text', () => fails(tells((value) => JSON.stringify(value))))

  test('would not, if it left out the names', () => fails(tells((value) => hash(Object.values(value as object)))))

  test('is an int8, of the type too, and of what is no JSON', () => {
    expect(hash({ a: 1 })).toMatch(/^[0-9]{1,16}$/)
    const rows = [
      { a: 1n },
      { a: '1 ' },
      { a: [1] },
      { a: { 0: 1 } },
      { a: null },
      {},
      { a: new Date(0) },
      { a: Buffer.from('1') },
    ]
    expect(new Set([...rows.map((row) => hash(row)), hash(rows[0], 'other')]).size).toBe(rows.length + 1)
    expect(hash({ a: undefined })).toBe(hash({}))
    expect(hash({ a: new Date(0) })).toBe(hash({ a: '1970-01-01T00:00:00.000Z' }))
  })
})
