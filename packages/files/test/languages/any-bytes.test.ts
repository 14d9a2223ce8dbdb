import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { classify } from '../../src/discovery/language.ts'
import { TREE_LANGUAGES } from '../../src/languages/tree-languages.ts'
import { TreeReader } from '../../src/languages/tree-reader.ts'
import type { SyntaxRecord } from '../../src/processor/syntax-record.ts'
import { inputOf } from '../processor/input.ts'

const fixtures = join(import.meta.dirname, 'fixtures')
const sources = readdirSync(fixtures).filter((name) => !name.endsWith('.json') && !/broken|header/i.test(name))
const textOf = (name: string) => readFileSync(join(fixtures, name), 'utf8')

/** What must hold of the record of any text. */
function check(
  text: string,
  { nodes, depth, complexity, functions, declarations, commentRatio, lines, diagnostics }: SyntaxRecord,
) {
  expect(nodes).toBeGreaterThanOrEqual(depth)
  expect(depth).toBeGreaterThanOrEqual(1)
  if (complexity !== null) expect(complexity).toBeGreaterThan(functions.reduce((sum, each) => sum + each.complexity, 0))
  expect(commentRatio).toBeGreaterThanOrEqual(0)
  expect(commentRatio).toBeLessThanOrEqual(1)
  for (const { start, end, line, endLine } of declarations) {
    expect(start!).toBeLessThan(end!)
    expect(end!).toBeLessThanOrEqual(text.length)
    expect(line!).toBeLessThanOrEqual(endLine!)
    expect(endLine!).toBeLessThanOrEqual(Math.max(lines!, 1))
  }
  expect(diagnostics.length).toBeLessThanOrEqual(100)
}

/** Of each language and property; texts of some thousand characters, and a walk in WebAssembly for each. */
const RUNS = process.env.MILLRACE_SLOW === '1' ? 300 : 12

describe.each(sources)('%s', (name) => {
  const whole = textOf(name)
  // One reader for all of them, as in a worker: what a text leaves behind would show in the next.
  const reader = new TreeReader()
  const read = async (text: string) => await reader.read(inputOf(name, text))
  const holds = async (text: string) => {
    const record = await read(text)
    check(text, record)
    return record
  }

  it('cut off anywhere it has a record, the same each time', async () => {
    await fc.assert(
      fc.asyncProperty(fc.nat(whole.length), async (end) => {
        // Not within a character that is two.
        const text = whole.slice(0, end).toWellFormed()
        const first = await holds(text)
        await read(whole)
        expect(await read(text)).toEqual(first)
      }),
      { numRuns: RUNS },
    )
  })

  it('with any text put in, taken out or doubled it has a record', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.nat(whole.length),
        fc.nat(200),
        fc.oneof(
          fc.string({ unit: 'binary', maxLength: 60 }),
          fc.constantFrom('{', ')', '"', "'", '/*', '<', '\\', '\n\n\t'),
        ),
        async (at, gone, put) =>
          void (await holds((whole.slice(0, at) + put.replaceAll('\0', '') + whole.slice(at + gone)).toWellFormed())),
      ),
      { numRuns: RUNS },
    )
  })

  it('any text has a record', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.string({ unit: 'binary', maxLength: 400 }),
        async (text) => void (await holds(text.replaceAll('\0', '').toWellFormed())),
      ),
      { numRuns: RUNS },
    )
  })
})

it('there is one of each language', () => {
  expect(new Set(sources.map((name) => classify(name).language))).toEqual(TREE_LANGUAGES)
})

/** Broken on purpose: it keeps the parser's last tree, as one does that is not told that the text is another. */
class ForgetfulReader extends TreeReader {
  #last: SyntaxRecord | undefined
  override async read(...[input]: Parameters<TreeReader['read']>): Promise<SyntaxRecord> {
    const record = await super.read(input)
    const told = { ...record, nodes: this.#last?.nodes ?? record.nodes }
    this.#last = record
    return told
  }
}

it('a reader that carries something over is found', async () => {
  const reader = new ForgetfulReader()
  const first = await reader.read(inputOf('a.py', 'x = 1'))
  await reader.read(inputOf('a.py', 'import a, b, c'))
  expect(await reader.read(inputOf('a.py', 'x = 1'))).not.toEqual(first)
})
