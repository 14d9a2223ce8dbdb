import { execFileSync } from 'node:child_process'
import { readFileSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { parseSync } from 'oxc-parser'
import { describe, expect, it } from 'vitest'
import { astJson } from '../../src/processor/ast-json.ts'
import type { SyntaxRecord } from '../../src/processor/syntax-record.ts'
import { discovered } from '../discovered.ts'
import { temporaryFolder } from '../tree.ts'
import { inputOf } from './input.ts'

const fixtures = join(import.meta.dirname, 'fixtures')
const golden = (name: string) =>
  JSON.parse(readFileSync(join(fixtures, 'syntax', `${name}.json`), 'utf8')) as SyntaxRecord
const record = (tree: unknown, name = 'a.ast.json') =>
  astJson.process(inputOf(name, JSON.stringify(tree))) as SyntaxRecord
const plain = (value: unknown) => JSON.parse(JSON.stringify(value))

/** What a record says that depends on no parser's own view of the tree. */
function facts({ imports, exports, declarations, functions, complexity }: SyntaxRecord): unknown {
  return plain({ imports, exports, declarations, functions, complexity })
}

describe('ast-json', () => {
  it('takes trees', () => {
    expect(astJson.match(discovered('a', { kind: 'ast' }))).toBe(true)
    expect(astJson.match(discovered('a', { kind: 'source' }))).toBe(false)
  })

  it.each(['module.js', 'common.cjs', 'functions.js', 'types.ts'])(
    'Babel’s tree of %s gives the facts of its text',
    (name) => {
      const path = `${name.replace('.', '-')}.babel.ast.json`
      const given = astJson.process(inputOf(path, readFileSync(join(fixtures, 'trees', path)))) as SyntaxRecord
      const expected = golden(name)
      expect(given.dialect).toBe('babel')
      expect(given.lines).toBe(expected.lines)
      expect(facts(given)).toEqual(facts(expected))
      // A hashbang is a comment to oxc and a node to Babel.
      if (name !== 'module.js') expect(given.commentRatio).toBe(expected.commentRatio)
    },
  )

  it.each(['module.js', 'common.cjs', 'functions.js', 'types.ts', 'view.tsx', 'decorators.ts'])(
    'the ESTree of %s gives the facts of its text, but for lines',
    (name) => {
      const source = readFileSync(join(fixtures, 'syntax', name), 'utf8')
      const { program, comments } = parseSync(name, source, { preserveParens: false, sourceType: 'unambiguous' })
      const given = record({ ...program, comments }, `${name}.ast.json`)
      const { declarations, functions, ...expected } = golden(name)
      const lineless = {
        ...expected,
        declarations: declarations.map((each) => ({ ...each, line: null, endLine: null })),
        functions: functions.map((each) => ({ ...each, line: null })),
      }
      expect(given).toMatchObject({ dialect: 'estree', lines: null, nodes: expected.nodes, depth: expected.depth })
      expect(given.commentRatio).toBe(expected.commentRatio)
      expect(facts(given)).toEqual(facts(lineless))
    },
  )

  it('reads places from ranges where there is nothing else', () => {
    const tree = {
      type: 'Program',
      range: [0, 40],
      loc: { start: { line: 1, column: 0 }, end: { line: 4, column: 0 } },
      body: [
        {
          type: 'FunctionDeclaration',
          range: [0, 16],
          loc: { start: { line: 1, column: 0 }, end: { line: 2, column: 1 } },
          id: { type: 'Identifier', name: 'f' },
        },
      ],
      comments: [{ type: 'Line', range: [40, 50] }],
    }
    expect(record(tree)).toMatchObject({
      lines: 3,
      commentRatio: 0.2,
      declarations: [{ name: 'f', kind: 'function', start: 0, end: 16, line: 1, endLine: 2 }],
      functions: [{ name: 'f', line: 1 }],
    })
  })

  it('says null where a tree does not say where its comments are', () => {
    const ratio = (comments: unknown, end?: number) => record({ type: 'Program', body: [], comments, end }).commentRatio
    expect(ratio(undefined, 1)).toBeNull()
    expect(ratio([{ type: 'Line' }], 1)).toBeNull()
    expect(ratio([null], 1)).toBeNull()
    expect(ratio([{ start: 0, end: 1 }])).toBeNull()
    expect(ratio([])).toBeNull()
    expect(ratio([], 0)).toBe(0)
    expect(ratio([{ start: 0, end: 1 }], 3)).toBe(0.3333)
  })

  it('passes on what Babel recovered from', () => {
    const errors = [
      { code: 'BABEL_PARSER_SYNTAX_ERROR', reasonCode: 'MissingSemicolon', pos: 4, loc: { line: 1 } },
      null,
    ]
    expect(record({ type: 'File', program: { type: 'Program', body: [] }, errors }).diagnostics).toEqual([
      { message: 'MissingSemicolon', severity: 'error', start: 4, line: 1 },
      { message: 'syntax error', severity: 'error', start: null, line: null },
    ])
  })

  it('tells the shape of a tree-sitter tree', () => {
    const leaf = (type: string) => ({
      type,
      startPosition: { row: 0, column: 0 },
      endPosition: { row: 0, column: 3 },
      children: [],
    })
    const tree = {
      type: 'source_file',
      startPosition: { row: 0, column: 0 },
      endPosition: { row: 12, column: 0 },
      children: [{ ...leaf('function_declaration'), children: [leaf('identifier'), leaf('block')] }],
    }
    expect(record(tree, 'main.go.json')).toEqual({
      schema: 2,
      language: 'go',
      dialect: 'tree-sitter',
      lines: 12,
      bytes: JSON.stringify(tree).length,
      nodes: 4,
      depth: 3,
      complexity: null,
      commentRatio: null,
      imports: [],
      exports: [],
      declarations: [],
      functions: [],
      diagnostics: [],
    })
    expect(record({ rootNode: { ...tree, endPosition: undefined, end_point: [4, 7] } })).toMatchObject({
      lines: 5,
      nodes: 4,
    })
  })

  it.each<[string, unknown, number, number]>([
    [
      'TypeScript',
      { kind: 307, pos: 0, statements: [{ kind: 243, declarationList: { kind: 261 } }, { kind: 1 }] },
      4,
      3,
    ],
    ['Python’s ast', { _type: 'Module', body: [{ _type: 'Assign', targets: [{ _type: 'Name', id: 'a' }] }] }, 3, 3],
    ['Solidity', { nodeType: 'SourceUnit', nodes: [{ nodeType: 'PragmaDirective', literals: ['^', '0.8'] }] }, 2, 2],
    ['clang', { kind: 'TranslationUnitDecl', inner: [{ kind: 'VarDecl', type: { qualType: 'int' } }] }, 2, 2],
    ['fields', { type: 'A', fields: { left: { type: 'B' }, rest: [[{ type: 'C' }]] }, next: { type: 'D' } }, 4, 2],
    ['an empty tree', { kind: 'Root', children: [] }, 1, 1],
    ['a wrapped tree', { version: 1, result: { file: 'a', ast: { type: 'A', next: { type: 'B' } } } }, 2, 2],
  ])('generic: %s', (_, tree, nodes, depth) => {
    expect(record(tree)).toMatchObject({ dialect: 'generic', nodes, depth, complexity: null, lines: null })
  })

  it('is not stopped by depth', () => {
    const deep = `${'{"type":"A","next":'.repeat(50_000)}{"type":"B"}${'}'.repeat(50_000)}`
    expect(astJson.process(inputOf('a.ast.json', deep))).toMatchObject({
      dialect: 'generic',
      nodes: 50_001,
      depth: 50_001,
    })
    const program = `{"type":"Program","body":[${deep}]}`
    expect(astJson.process(inputOf('a.ast.json', program))).toMatchObject({
      dialect: 'estree',
      nodes: 50_002,
      depth: 50_002,
    })
  })

  it('says where a file is not JSON', () => {
    expect(() => astJson.process(inputOf('dir/a.ast.json', '{\n  "type": "Program",\n  body: []\n}'))).toThrow(
      expect.objectContaining({
        code: 'AST_INVALID',
        message: expect.stringContaining('dir/a.ast.json is not JSON: unexpected "b" at line 3, column 3'),
        detail: expect.objectContaining({ path: 'dir/a.ast.json', offset: 25, line: 3, column: 3 }),
      }),
    )
    expect(() => astJson.process(inputOf('a.ast.json', ''))).toThrow('unexpected end at line 1, column 1')
    expect(() => astJson.process(inputOf('a.ast.json', '{"a":\0}'))).toThrow(
      expect.objectContaining({ code: 'FILE_BINARY' }),
    )
  })

  it.each([
    null,
    3,
    'Program',
    [],
    {},
    { type: 'module', name: 'a package', files: ['dist'] },
    { type: 'object', properties: { a: { title: 'A' } } },
    { a: { b: { c: { d: { type: 'A', next: { type: 'B' } } } } } },
    Array.from({ length: 2000 }, () => ({})),
  ])('%j holds no tree', (document) => {
    expect(() => record(document)).toThrow(
      expect.objectContaining({ code: 'AST_INVALID', message: expect.stringContaining('{"type":"Program"') }),
    )
  })

  it('a tree of 9 MB needs no heap of 64 MB', () => {
    const unit = 'export function f(a, b) { if (a && b) return [a, { b }]; return () => a(b, "text") }\n'
    const { program } = parseSync('a.js', unit.repeat(5300))
    const root = temporaryFolder()
    writeFileSync(join(root, 'big.ast.json'), JSON.stringify(program))
    expect(statSync(join(root, 'big.ast.json')).size / 1e6).toBeGreaterThan(9)
    const module = (path: string) => JSON.stringify(pathToFileURL(join(import.meta.dirname, path)).href)
    const script = `
      const { astJson } = await import(${module('../../src/processor/ast-json.ts')})
      const { readInput } = await import(${module('../../src/processor/file-input.ts')})
      const file = { path: 'big.ast.json', language: null, kind: 'ast' }
      const { nodes, functions } = astJson.process(readInput(${JSON.stringify(root)}, file, 2 ** 30))
      console.log(JSON.stringify({ nodes, functions: functions.length }))`
    const output = execFileSync(
      process.execPath,
      ['--max-old-space-size=64', '--conditions=millrace-source', '--input-type=module', '-e', script],
      { encoding: 'utf8', cwd: import.meta.dirname },
    )
    expect(JSON.parse(output)).toEqual({ nodes: 121_901, functions: 10_600 })
  })
})
