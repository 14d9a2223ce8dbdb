import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { LANGUAGE_RULES } from '../../src/languages/language-rules.ts'
import { TREE_LANGUAGES } from '../../src/languages/tree-languages.ts'
import { syntax } from '../../src/processor/syntax.ts'
import type { SyntaxRecord } from '../../src/processor/syntax-record.ts'
import { discovered } from '../discovered.ts'
import { inputOf } from '../processor/input.ts'

const fixtures = join(import.meta.dirname, 'fixtures')
const sources = readdirSync(fixtures).filter((name) => !name.endsWith('.json'))
const read = (name: string) => readFileSync(join(fixtures, name))
const recordOf = async (path: string, contents: string | Buffer): Promise<SyntaxRecord> =>
  await syntax.process(inputOf(path, contents))

describe('every language', () => {
  it.each(sources)('golden: %s', async (name) => {
    const record = await recordOf(name, read(name))
    expect(JSON.parse(JSON.stringify(record))).toEqual(JSON.parse(read(`${name}.json`).toString()))
  })

  it.each(sources)('%s: what is declared stands where the record says', async (name) => {
    const text = read(name).toString()
    const { declarations, functions } = await recordOf(name, text)
    const lines = text.split('\n')
    for (const { name: declared, start, end, line, endLine } of declarations) {
      const last = declared.split(/[^\p{ID_Continue}]+/u).findLast((part) => part !== '') ?? declared
      expect(text.slice(start!, end!), declared).toContain(last)
      expect(text.slice(0, start!).split('\n').length, declared).toBe(line)
      expect(text.slice(0, end!).replace(/\n$/, '').split('\n').length, declared).toBe(endLine)
    }
    for (const { name: called, line } of functions) {
      const last = called?.split(/[^\p{ID_Continue}=<>]+/u).findLast((part) => part !== '') ?? ''
      expect(lines[line! - 1], called ?? '').toContain(last)
    }
  })

  it('has rules, a golden file and a broken one, and is taken whatever its kind', () => {
    expect([...TREE_LANGUAGES].sort()).toEqual([...LANGUAGE_RULES.keys()].sort())
    const languages = sources.map((name) => inputOf(name, '').file.language)
    for (const language of TREE_LANGUAGES) {
      expect(languages.filter((one) => one === language).length, language).toBeGreaterThanOrEqual(2)
      for (const kind of ['source', 'other'] as const) {
        expect(syntax.match(discovered('a', { language, kind })), language).toBe(true)
      }
      expect(syntax.match(discovered('a', { language, kind: 'ast' }))).toBe(false)
    }
  })

  it.each(sources)('%s: a mark before it and CRLF within change no fact but places', async (name) => {
    const plain = await recordOf(name, read(name))
    const marked = await recordOf(name, `\ufeff${read(name).toString()}`)
    expect({ ...marked, bytes: plain.bytes }).toEqual(plain)
    // A line feed in a heredoc's, comment's or directive's text is a part of it: there are grammars that mind.
    if (/\.(?:sh|rb|php|html|css|[chrg]\w*)$/.test(name) || /broken/i.test(name)) return
    const crlf = await recordOf(name, read(name).toString().replaceAll('\n', '\r\n'))
    const names = ({ imports, declarations, functions }: SyntaxRecord) => [
      imports,
      declarations.map((declaration) => ({ ...declaration, start: 0, end: 0 })),
      functions,
    ]
    expect(names(crlf)).toEqual(names(plain))
  })

  it('an empty file has an empty record', async () => {
    for (const name of sources.filter((source) => !/broken/i.test(source))) {
      const record = await recordOf(name, '')
      expect(record, name).toMatchObject({ lines: 0, bytes: 0, commentRatio: 0, imports: [], declarations: [] })
      expect(record.diagnostics, name).toEqual([])
    }
  })
})

it('what is within a word or a text counts', async () => {
  // A module, a statement, an assignment, a name; a string with two marks and a text, in which there is what stands for a line feed.
  expect(await recordOf('a.py', String.raw`x = "a\n"`)).toMatchObject({ nodes: 9, depth: 6 })
})

describe('a header', () => {
  it('is read as what objects less, C first', async () => {
    const asC = await recordOf('a.h', 'struct a { int class; };')
    expect(asC.diagnostics).toEqual([])
    // C would take this for a function with a label in it.
    const signed = await recordOf('a.h', 'class A { public: int b(); };')
    expect(signed.declarations.map(({ kind }) => kind)).toEqual(['class', 'method'])
    const asCpp = await recordOf('a.h', 'struct A : B { virtual ~A() {} operator bool() const; };')
    expect(asCpp.diagnostics).toEqual([])
    expect(asCpp.declarations.map(({ name }) => name)).toEqual(['A', '~A', 'operator bool'])
    const asNeither = await recordOf('a.h', 'what ( is { this')
    expect(asNeither.diagnostics).not.toEqual([])
  })
})
