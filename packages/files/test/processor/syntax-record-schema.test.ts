import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { Ajv2020 } from 'ajv/dist/2020.js'
import { describe, expect, it } from 'vitest'
import { astJson } from '../../src/processor/ast-json.ts'
import type { SyntaxRecord } from '../../src/processor/syntax-record.ts'
import { inputOf } from './input.ts'
import { schema, typeIsDescribed } from './syntax-record-shape.ts'

const here = import.meta.dirname
const published: unknown = JSON.parse(readFileSync(join(here, '../../syntax-record.schema.json'), 'utf8'))
const validate = new Ajv2020({ allErrors: true, allowUnionTypes: true }).compile(published as object)
const faults = (record: unknown) => {
  validate(record)
  return (validate.errors ?? []).map(({ instancePath, message }) => `${instancePath} ${message}`)
}

/** The schema without what is for people, and without bounds, which types do not have. */
function bare(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(bare)
  if (typeof value !== 'object' || value === null) return value
  return Object.fromEntries(
    Object.entries(value).flatMap(([key, inner]) =>
      FOR_PEOPLE.has(key) && !isField(inner) ? [] : [[key, bare(inner)]],
    ),
  )
}
const FOR_PEOPLE = new Set(['$schema', '$id', 'title', 'description', 'minimum', 'maximum'])
const isField = (value: unknown) => typeof value === 'object'

describe('the published schema', () => {
  it('is what the type is made to match', () => {
    expect(bare(published)).toEqual(schema)
    expect(typeIsDescribed).toBe(true)
  })

  const goldens = ['fixtures/syntax', '../languages/fixtures'].flatMap((folder) =>
    readdirSync(join(here, folder))
      .filter((name) => name.endsWith('.json'))
      .map((name) => join(folder, name)),
  )
  it.each(goldens)('takes the record in %s', (path) => {
    expect(faults(JSON.parse(readFileSync(join(here, path), 'utf8')))).toEqual([])
  })

  it.each(readdirSync(join(here, 'fixtures/trees')))('takes the record of the tree %s', (name) => {
    const record = astJson.process(inputOf(name, readFileSync(join(here, 'fixtures/trees', name)))) as SyntaxRecord
    expect(faults(JSON.parse(JSON.stringify(record)))).toEqual([])
  })

  it('takes nothing else', () => {
    const good = JSON.parse(readFileSync(join(here, '../languages/fixtures/shapes.py.json'), 'utf8')) as SyntaxRecord
    const { nodes: _, ...without } = good
    expect(faults(without)).toEqual([" must have required property 'nodes'"])
    expect(faults({ ...good, schema: 1 })).toEqual(['/schema must be equal to constant'])
    expect(faults({ ...good, more: 1 })).toEqual([' must NOT have additional properties'])
    expect(faults({ ...good, lines: 1.5 })).toEqual(['/lines must be integer,null'])
    expect(faults({ ...good, imports: [{ from: 'a', kind: 'use' }] })).toEqual([
      '/imports/0/kind must be equal to one of the allowed values',
    ])
  })
})
