import { execFileSync } from 'node:child_process'
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { parseSync } from 'oxc-parser'
import { describe, expect, it } from 'vitest'
import { type Parse, parseFast } from '../../src/processor/parse-source.ts'
import { syntax, syntaxRecord } from '../../src/processor/syntax.ts'
import { discovered } from '../discovered.ts'
import { inputOf } from './input.ts'

const fixtures = join(import.meta.dirname, 'fixtures/syntax')
const sources = readdirSync(fixtures).filter((name) => !name.endsWith('.json'))
const parseAsJson: Parse = (path, text, options) => parseSync(path, text, options)

const nodeFlags = ['--conditions=millrace-source', '--input-type=module']
const moduleUrl = (path: string) => JSON.stringify(pathToFileURL(join(import.meta.dirname, path)).href)
const record = (path: string, source: string) => syntaxRecord(inputOf(path, source), parseFast)
const plain = (value: unknown) => JSON.parse(JSON.stringify(value))

describe('syntax', () => {
  it.each(sources)('golden: %s', (name) => {
    const input = inputOf(name, readFileSync(join(fixtures, name)))
    expect(plain(syntax.process(input))).toEqual(JSON.parse(readFileSync(join(fixtures, `${name}.json`), 'utf8')))
  })

  it('takes JavaScript and TypeScript, but no trees of it', () => {
    const takes = (language: string | null, kind: 'source' | 'ast') => syntax.match(discovered('a', { language, kind }))
    for (const language of ['javascript', 'typescript', 'jsx', 'tsx']) expect(takes(language, 'source')).toBe(true)
    expect(takes('javascript', 'ast')).toBe(false)
    expect(takes('cobol', 'source')).toBe(false)
    expect(takes(null, 'source')).toBe(false)
  })

  it('tells module, CommonJS and script by ending and contents', () => {
    const errors = (path: string, source: string) => record(path, source).diagnostics.length
    expect(errors('a.js', 'return 1')).toBe(0)
    expect(errors('a.cjs', 'return 1')).toBe(0)
    expect(errors('a.mjs', 'return 1')).toBe(1)
    expect(errors('a.js', 'import "a"; return 1')).toBe(1)
    expect(errors('a.js', 'await a()')).toBe(0)
    expect(errors('a.ts', 'await a()')).toBe(0)
    expect(errors('a.js', 'var await = 1; with (a) b = 010')).toBe(0)
    expect(errors('a.cts', 'import a = require("a"); export = a')).toBe(0)
  })

  it('reads JSX in .js, type assertions in .ts, and declarations in .d.ts', () => {
    expect(record('a.js', 'const a = <b>{c}</b>').diagnostics).toEqual([])
    expect(record('a.ts', 'const a = <b>c').diagnostics).toEqual([])
    expect(record('a.ts', 'export const a').diagnostics).not.toEqual([])
    for (const path of ['a.d.ts', 'a.d.mts', 'a.d.css.ts']) {
      expect(record(path, 'export const a: string; export function f(): void').diagnostics).toEqual([])
    }
  })

  it('delivers what does not parse, with what is wrong', () => {
    const { diagnostics, lines } = record('a.js', '\n\n  }')
    expect(lines).toBe(3)
    expect(diagnostics).toEqual([{ message: expect.any(String), severity: 'error', start: 4, line: 3 }])
  })

  it('takes a huge string in its stride', () => {
    const { nodes, bytes, lines } = record('a.js', `const a = "${'x'.repeat(4_000_000)}"`)
    expect({ nodes, bytes, lines }).toEqual({ nodes: 5, bytes: 4_000_012, lines: 1 })
  })

  it('refuses what is no text', () => {
    expect(() => syntax.process(inputOf('a.js', Buffer.of(0)))).toThrow(
      expect.objectContaining({ code: 'FILE_BINARY' }),
    )
  })

  const nestings: Readonly<Record<string, (depth: number) => string>> = {
    parentheses: (depth) => `${'('.repeat(depth)}1${')'.repeat(depth)}`,
    arrays: (depth) => '['.repeat(depth) + ']'.repeat(depth),
    objects: (depth) => `x = ${'{a:'.repeat(depth)}1${'}'.repeat(depth)}`,
    sums: (depth) => `a${' + a'.repeat(depth)}`,
    calls: (depth) => `a${'()'.repeat(depth)}`,
    'else if': (depth) => `${'if (a); else '.repeat(depth)};`,
    arrows: (depth) => `${'() => '.repeat(depth)}1`,
  }
  it.each(Object.keys(nestings))('survives 10,000 nested %s', (name) => {
    const { diagnostics, nodes, depth } = record('a.js', nestings[name]!(10_000))
    expect(diagnostics).toEqual([])
    if (name !== 'parentheses') expect(Math.min(nodes, depth)).toBeGreaterThan(10_000)
  })
})

describe('the two ways a tree comes', () => {
  it.each(sources)('%s gives the same record by both', (name) => {
    const input = inputOf(name, readFileSync(join(fixtures, name)))
    expect(plain(syntaxRecord(input, parseFast))).toEqual(plain(syntaxRecord(input, parseAsJson)))
  })

  it('a hundred files of other people give the same records by both', () => {
    const root = join(import.meta.dirname, '../../../../node_modules')
    const packages = ['typescript', 'fast-check', 'ignore', 'picomatch', '@types/node', 'oxc-parser']
    const files = packages.flatMap((name) =>
      readdirSync(join(root, name), { recursive: true, encoding: 'utf8' })
        .filter((path) => /\.(?:[cm]?js|ts)$/.test(path))
        .map((path) => join(root, name, path)),
    )
    const sample = files.filter((_, index) => index % Math.ceil(files.length / 100) === 0)
    expect(sample.length).toBeGreaterThan(50)
    for (const path of sample) {
      const bytes = readFileSync(path)
      if (bytes.length > 300_000) continue
      const input = inputOf(path, bytes)
      expect(plain(syntaxRecord(input, parseFast)), path).toEqual(plain(syntaxRecord(input, parseAsJson)))
    }
  })
})

describe('memory', () => {
  it('a process that is denied address space gives the same record', () => {
    const script = `
      const { syntax } = await import(${moduleUrl('../../src/processor/syntax.ts')})
      const { readInput } = await import(${moduleUrl('../../src/processor/file-input.ts')})
      const file = { path: 'types.ts', language: 'typescript', kind: 'source' }
      for (let n = 0; n < 2; n++) console.log(JSON.stringify(syntax.process(readInput(${JSON.stringify(fixtures)}, file, 2 ** 20))))`
    // Where the shell cannot limit it, the process runs unlimited, to the same end.
    const limited = 'ulimit -v 5000000 2>/dev/null; exec "$0" "$@"'
    const output = execFileSync('sh', ['-c', limited, process.execPath, ...nodeFlags, '-e', script], {
      encoding: 'utf8',
    })
    const expected = JSON.parse(readFileSync(join(fixtures, 'types.ts.json'), 'utf8'))
    expect(
      output
        .trim()
        .split('\n')
        .map((line) => JSON.parse(line)),
    ).toEqual([expected, expected])
  })

  it('a small heap suffices for thousands of files and a large one', () => {
    const script = `
      const { syntax } = await import(${moduleUrl('../../src/processor/syntax.ts')})
      const input = (text) => ({
        file: { path: 'a.js', language: 'javascript', kind: 'source' }, absolutePath: '/a.js', bytes: Buffer.from(text), text: () => text,
      })
      const unit = (n) => 'function f' + n + '(a, b) { if (a && b) return [a, { b }]; return () => a(b) }\\n'
      let nodes = 0
      for (let n = 0; n < 5000; n++) nodes += syntax.process(input(unit(n).repeat(20))).nodes
      const bundle = syntax.process(input(Array.from({ length: 70_000 }, (_, n) => unit(n)).join('')))
      console.log(JSON.stringify({ nodes, functions: bundle.functions.length, bytes: bundle.bytes, rssMb: process.memoryUsage.rss() / 2 ** 20 }))`
    const output = execFileSync(process.execPath, ['--max-old-space-size=256', ...nodeFlags, '-e', script], {
      encoding: 'utf8',
    })
    const { nodes, functions, bytes, rssMb } = JSON.parse(output)
    expect(nodes).toBe(5000 * (1 + 20 * 21))
    expect(functions).toBe(140_000)
    expect(bytes).toBeGreaterThan(5_000_000)
    expect(rssMb).toBeLessThan(900)
  })
})
