import fc from 'fast-check'
import { parseSync } from 'oxc-parser'
import { describe, expect, it } from 'vitest'
import { type AstFacts, analyseAst } from '../../src/processor/ast-analysis.ts'
import type { AstNode } from '../../src/processor/ast-node.ts'

const nowhere = { start: () => null, end: () => null, line: () => null, endLine: () => null }
const analyse = (root: AstNode) => analyseAst(root, nowhere)
const parse = (source: string) => parseSync('a.ts', source, { preserveParens: false }).program as unknown as AstNode

const DECISIONS =
  /^(?:If|For|ForIn|ForOf|While|DoWhile)Statement$|^ConditionalExpression$|^LogicalExpression$|^CatchClause$/

/** What the walk should say, in the plainest way: recursive, one question at a time. */
function naive(value: unknown): { nodes: number; depth: number; complexity: number; functions: number } {
  const below = { nodes: 0, depth: 0, complexity: 0, functions: 0 }
  if (typeof value !== 'object' || value === null) return below
  for (const inner of Object.values(value).map(naive)) {
    below.nodes += inner.nodes
    below.depth = Math.max(below.depth, inner.depth)
    below.complexity += inner.complexity
    below.functions += inner.functions
  }
  const { type, test, operator } = value as { type?: unknown; test?: unknown; operator?: unknown }
  if (typeof type !== 'string') return below
  const isFunction = /^(?:Arrow)?FunctionExpression$|^FunctionDeclaration$/.test(type)
  const decides =
    DECISIONS.test(type) || (type === 'SwitchCase' && test !== null) || /^(?:&&|\|\||\?\?)=$/.test(String(operator))
  below.nodes += 1
  below.depth += 1
  below.complexity += (isFunction ? 1 : 0) + (decides ? 1 : 0)
  below.functions += isFunction ? 1 : 0
  return below
}

const { program } = fc.letrec<{ expression: string; statement: string; program: string }>((tie) => {
  const e = tie('expression')
  const s = tie('statement')
  const of = (text: (...parts: string[]) => string, ...parts: fc.Arbitrary<string>[]) =>
    fc.tuple(...parts).map((drawn) => text(...drawn))
  return {
    expression: fc.oneof(
      { depthSize: 'medium', withCrossShrink: true },
      fc.constantFrom('a', '1', '"s"', 'this', '/r/', '`t`'),
      of((a) => `\`t\${${a}}\``, e),
      of((a, op, b) => `(${a}) ${op} (${b})`, e, fc.constantFrom('&&', '||', '??', '+', 'in', ','), e),
      of((a, b, c) => `(${a}) ? (${b}) : (${c})`, e, e, e),
      of((op, a) => `(b ${op} (${a}))`, fc.constantFrom('&&=', '||=', '??=', '=', '+='), e),
      of((a) => `((x = 1, {y, ...z}) => (${a}))`, e),
      of((body) => `(function named() { ${body} })`, s),
      of((a, b) => `[${a}, , ...(${b})]`, fc.constant('a'), e),
      of((a, b) => `({ key: (${a}), get got() { return (${b}) }, [a]: 1 })`, e, e),
      of((a) => `(class { #p = (${a}); static m() { return #p in this } })`, e),
      of((a, b) => `(${a})?.[${b}]`, fc.constant('a'), fc.constant('b')),
    ),
    statement: fc.oneof(
      { depthSize: 'medium', withCrossShrink: true },
      fc.constantFrom(';', 'debugger;', 'var v = 1, w;'),
      of((a) => `(${a});`, e),
      of((a, b, c) => `if (${a}) { ${b} } else { ${c} }`, e, s, s),
      of((a, b) => `for (let i = 0; ${a}; i++) { ${b} }`, e, s),
      of((word, a, b) => `for (const k ${word} (${a})) { ${b} }`, fc.constantFrom('in', 'of'), e, s),
      of((a, b) => `while (${a}) { ${b} }`, e, s),
      of((a, b) => `do { ${b} } while (${a})`, e, s),
      of((a, b) => `switch (${a}) { case 1: ${b} case 2: default: }`, e, s),
      of((a) => `try { ${a} } catch { ${a} } finally { }`, s),
      of((a) => `function f() { ${a} }`, s),
    ),
    program: fc.array(s, { maxLength: 8 }).map((statements) => statements.join('\n')),
  }
})

/** The walk counts what the naive one counts, on any program. */
function countsEverything(walk: (root: AstNode) => AstFacts): void {
  fc.assert(
    fc.property(program, (source) => {
      const root = parse(source)
      const { nodes, depth, complexity, functions } = walk(root)
      const expected = naive(root)
      expect({ nodes, depth, complexity: complexity - 1, functions: functions.length }).toEqual(expected)
      expect(complexity).toBeGreaterThanOrEqual(functions.reduce((sum, each) => sum + each.complexity, 1))
    }),
    { seed: 7, numRuns: 300 },
  )
}

/** The tree with nodes of one type called by another name. */
function renamed(value: unknown, from: string, to: string): unknown {
  if (typeof value !== 'object' || value === null) return value
  if (Array.isArray(value)) return value.map((item) => renamed(item, from, to))
  const entries = Object.entries(value).map(([key, inner]) => [key, inner === from ? to : renamed(inner, from, to)])
  return Object.fromEntries(entries)
}

describe('analyseAst', () => {
  it('counts what a naive walk counts', () => countsEverything(analyse))

  it.each(['ConditionalExpression', 'LogicalExpression', 'CatchClause', 'SwitchCase', 'ArrowFunctionExpression'])(
    'the property fails for a walk that forgets %s',
    (forgotten) => {
      const mutant = (root: AstNode) => analyse(renamed(root, forgotten, 'Forgotten') as AstNode)
      expect(() => countsEverything(mutant)).toThrow()
    },
  )

  it('the property fails for a walk that forgets lists', () => {
    const mutant = (root: AstNode) => analyse({ ...root, body: (root.body as AstNode[]).slice(1) })
    expect(() => countsEverything(mutant)).toThrow()
  })

  it('is not stopped by depth, and attributes what lies deep', () => {
    const decision = (test: AstNode): AstNode => ({ type: 'ConditionalExpression', test })
    let root: AstNode = { type: 'Identifier', name: 'a' }
    for (let depth = 1; depth < 100_000; depth++) root = decision(root)
    expect(analyse({ type: 'ArrowFunctionExpression', body: root })).toMatchObject({
      nodes: 100_001,
      depth: 100_001,
      complexity: 100_001,
      functions: [{ name: null, line: null, complexity: 100_000 }],
    })
  })

  it.each([399, 400, 401, 800, 801])('counts a chain of %i nodes', (length) => {
    let root: AstNode = { type: 'Leaf' }
    for (let depth = 1; depth < length; depth++) root = { type: 'Link', next: root }
    expect(analyse(root)).toMatchObject({ nodes: length, depth: length })
  })

  it('believes nothing it has not looked at', () => {
    const odd = [
      { type: 'ImportDeclaration', specifiers: {}, source: 5 },
      { type: 'ImportDeclaration', specifiers: [null, 3], source: { type: 'Literal', value: 'a' } },
      { type: 'ExportNamedDeclaration', specifiers: null, declaration: { type: 'VariableDeclaration' } },
      { type: 'ExportAllDeclaration' },
      { type: 'TSImportType' },
      { type: 'TSImportEqualsDeclaration', moduleReference: 'x' },
      { type: 'ClassDeclaration', id: 7 },
      { type: 'MethodDefinition', key: { type: 'TemplateLiteral', quasis: [] } },
      { type: 'VariableDeclaration', declarations: [{ type: 'VariableDeclarator', id: { type: 'ArrayPattern' } }] },
      { type: 'VariableDeclaration', declarations: [{ type: 'VariableDeclarator', id: { type: 'Identifier' } }] },
      { type: 'VariableDeclaration', declarations: [{ type: 'VariableDeclarator', id: { type: 'Odd' } }, 1] },
      { type: 'AssignmentExpression', left: 'a' },
      { type: 'AssignmentExpression', left: { type: 'MemberExpression', property: { type: 'Odd' } } },
      { type: 'CallExpression', callee: { type: 'Identifier', name: 'require' }, arguments: [1] },
      { type: 'CallExpression', callee: { type: 'MemberExpression' }, arguments: [1, 2, 3] },
      { type: 'CallExpression', arguments: 'x' },
      { type: 'ImportExpression', source: { type: 'TemplateLiteral', quasis: [null] } },
      { type: 'ClassPrivateProperty', key: { type: 'PrivateName', id: null } },
      { type: 5 },
    ]
    const { imports, exports, declarations } = analyse({ type: 'Program', body: odd })
    expect(imports).toEqual([{ from: 'a', kind: 'static', names: [] }])
    expect(exports).toEqual([{ name: '*', kind: 'all' }])
    expect(declarations).toEqual([])
  })
})
