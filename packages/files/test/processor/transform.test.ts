import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { loadProcessors } from '../../src/processor/load-processors.ts'
import { defineProcessor, tagOf } from '../../src/processor/processor.ts'
import { chain, defineTransform } from '../../src/processor/transform.ts'
import { temporaryFolder, writeTree } from '../tree.ts'
import { inputOf } from './input.ts'

const lines = defineProcessor({
  name: 'lines',
  version: '3',
  match: ({ kind }) => kind === 'source',
  process: (input) => ({ count: input.text().split('\n').length }),
  highlights: ({ count }) => [{ list: 'lines', label: 'it', value: count }],
})
const doubled = defineTransform<{ count: number }, { twice: number }>({
  name: 'doubled',
  version: '2',
  transform: async ({ count }, { path }) => ({ twice: 2 * count, of: path }),
})
const negated = defineTransform<{ twice: number }, { less: number }>({
  name: 'negated',
  version: '1',
  transform: ({ twice }) => ({ less: -twice }),
})

describe('chain', () => {
  const chained = chain(lines as never, [doubled, negated] as never)

  test('gives what the last one makes of it, under a name and a version of all', async () => {
    const input = inputOf('a.ts', 'a\nb\nc')
    expect(tagOf(chained)).toBe('lines+doubled+negated@3+2+1')
    const record = await chained.process(input)
    expect(record).toEqual({ less: -6 })
    expect(chained.match(input.file)).toBe(true)
    expect(chained.highlights!(record, input.file)).toEqual([{ list: 'lines', label: 'it', value: 3 }])
  })

  test('is the processor itself where there is nothing behind it', () => {
    expect(chain(lines as never, [])).toBe(lines)
  })

  test.each([
    [undefined, 'must be an object, got undefined'],
    [{ version: '1', transform: () => ({}) }, 'needs a name'],
    [{ name: 'a', transform: () => ({}) }, 'needs a version'],
    [{ name: 'a', version: '1' }, 'needs a transform function'],
  ])('%j is no transform', (value, fault) => {
    expect(() => defineTransform(value as never)).toThrowError(
      expect.objectContaining({ code: 'TRANSFORM_INVALID', message: expect.stringContaining(fault) }),
    )
  })
})

describe('a specifier with transforms', () => {
  test('loads them from where the processors come', async () => {
    const base = writeTree(temporaryFolder(), {
      'sizes.mjs': "export const transform = { name: 'sizes', version: '7', transform: ({ bytes }) => ({ bytes }) }\n",
    })
    const [processor] = await loadProcessors(['syntax | ./sizes.mjs'], base)
    expect(processor!.name).toBe('syntax+sizes')
    expect(await processor!.process(inputOf('a.ts', 'let a = 1'))).toEqual({ bytes: 9 })
  })

  test.each([
    [
      'syntax | ./absent.mjs',
      'PROCESSOR_UNKNOWN',
      'There is no transform "./absent.mjs": it is no file or package found from',
    ],
    ['syntax | syntax', 'PROCESSOR_UNKNOWN', 'There is no transform "syntax"'],
    ['syntax | ./none.mjs', 'PROCESSOR_INVALID', 'exports is no transform'],
    ['syntax:x', 'PROCESSOR_ARGUMENT', 'takes nothing behind a colon'],
  ])('refuses %s', async (specifier, code, message) => {
    const base = writeTree(temporaryFolder(), { 'none.mjs': 'export default 1\n' })
    await expect(loadProcessors([specifier], join(base))).rejects.toMatchObject({
      code,
      message: expect.stringContaining(message),
    })
  })
})
