import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { Tree } from 'web-tree-sitter'
import { classify } from '../../src/discovery/language.ts'
import { GrammarCursor } from '../../src/languages/grammar-cursor.ts'
import { type Grammar, Grammars } from '../../src/languages/grammars.ts'
import { ParserMemory, parserMemory } from '../../src/languages/parser-memory.ts'
import { parserRuntime } from '../../src/languages/parser-runtime.ts'
import type { SyntaxCursor, SyntaxNode } from '../../src/languages/syntax-node.ts'
import { type CursorOf, cursorsOf, plainCursor } from '../../src/languages/tree-cursors.ts'
import { walkTree } from '../../src/languages/tree-walk.ts'
import { LineIndex } from '../../src/processor/line-index.ts'

const fixtures = join(import.meta.dirname, 'fixtures')
const sources = readdirSync(fixtures).filter((name) => !name.endsWith('.json'))
const textOf = (name: string) => readFileSync(join(fixtures, name), 'utf8')
const grammars = new Grammars()
const grammarOf = (name: string) => grammars.load(classify(name).language!)
const { memory } = await parserRuntime('Testing', 2048)

async function withTree<T>(grammar: Grammar, text: string, use: (tree: Tree) => T): Promise<T> {
  const tree = grammars.parser(grammar).parse(text)!
  try {
    return use(tree)
  } finally {
    tree.delete()
  }
}

/** All steps of a walk, and all that each node says, its fields included. */
function steps(cursor: SyntaxCursor, fields: readonly (string | null)[]): unknown[] {
  const places = (nodes: readonly (SyntaxNode | null)[]) =>
    nodes.map((node) => node && [node.id, node.startIndex, node.endIndex, node.type])
  const said: unknown[] = []
  for (let more = true; more; ) {
    const node = cursor.currentNode
    said.push(
      [cursor.nodeTypeId, cursor.nodeIsMissing, cursor.startIndex, cursor.endIndex],
      [node.type, node.isNamed, node.startIndex, node.endIndex],
      places([node.parent, node.firstChild, node.firstNamedChild, node.namedChild(1), node.namedChild(99)]),
      places(node.children),
      places(node.namedChildren),
      fields.flatMap((name) => {
        if (name === null) return []
        const [first, all] = [node.childForFieldName(name), node.childrenForFieldName(name)]
        return first === null && all.length === 0 ? [] : [[name, places([first]), places(all)]]
      }),
    )
    if (cursor.gotoFirstChild()) continue
    while (!cursor.gotoNextSibling()) {
      more = cursor.gotoParent()
      if (!more) break
    }
  }
  cursor.delete()
  return said
}

function factsBy(cursorOf: CursorOf, tree: Tree, text: string, { rules }: Grammar) {
  const lines = new LineIndex()
  lines.index(text)
  return walkTree(tree, text, lines, { rules, cursorOf })
}

describe.each(sources)('%s, over the memory of the parser as by its own cursor', (name) => {
  const whole = textOf(name)

  it('every node says the same', async () => {
    const grammar = await grammarOf(name)
    await withTree(grammar, whole, (tree) => {
      const { fields } = grammar.language
      expect(grammar.cursorOf(tree)).toBeInstanceOf(GrammarCursor)
      expect(steps(grammar.cursorOf(tree), fields)).toEqual(steps(plainCursor(tree), fields))
    })
  })

  it('cut off anywhere, and with any text put in, it has the same facts', async () => {
    const grammar = await grammarOf(name)
    const same = (text: string) =>
      withTree(grammar, text, (tree) => {
        expect(factsBy(grammar.cursorOf, tree, text, grammar)).toEqual(factsBy(plainCursor, tree, text, grammar))
      })
    const put = fc.oneof(fc.string({ unit: 'binary', maxLength: 60 }), fc.constantFrom('{', ')', '"', '/*', '<', '\n'))
    await fc.assert(
      fc.asyncProperty(fc.nat(whole.length), fc.nat(200), put, async (at, gone, text) => {
        await same(whole.slice(0, at).toWellFormed())
        await same((whole.slice(0, at) + text.replaceAll('\0', '') + whole.slice(at + gone)).toWellFormed())
      }),
      { numRuns: process.env.MILLRACE_SLOW === '1' ? 300 : 8 },
    )
  })
})

it('a cursor that is broken on purpose is found by its facts', async () => {
  const grammar = await grammarOf('ring.c')
  const text = textOf('ring.c')
  const missing: CursorOf = (tree) => {
    const cursor = grammar.cursorOf(tree)
    return Object.defineProperty(cursor, 'nodeIsMissing', { value: true })
  }
  await withTree(grammar, `${text}\nint a`, (tree) => {
    expect(factsBy(missing, tree, text, grammar)).not.toEqual(factsBy(plainCursor, tree, text, grammar))
  })
})

describe('a parser that is another than was thought', () => {
  it('without one of the functions it is not called directly', () => {
    const wasmMemory = { buffer: new ArrayBuffer(0) }
    expect(parserMemory({ wasmMemory })).toBeUndefined()
  })

  it('without memory that can be reached, or where it says something else, its own cursors are taken', async () => {
    const grammar = await grammarOf('a.go')
    const parser = grammars.parser(grammar)
    const { calls } = memory!
    const changed = (changes: Partial<ParserMemory['calls']>) =>
      cursorsOf(
        grammar.language,
        parser,
        new ParserMemory({ ...calls, ...changes }, { buffer: memory!.words.buffer as ArrayBuffer }),
      )
    expect(cursorsOf(grammar.language, parser, undefined)).toBe(plainCursor)
    expect(changed({})).not.toBe(plainCursor)
    const off = (call: (address?: number) => number) => (address?: number) => call(address) + 1
    expect(changed({ ts_tree_cursor_end_index_wasm: off(calls.ts_tree_cursor_end_index_wasm) })).toBe(plainCursor)
    expect(changed({ ts_node_end_index_wasm: off(calls.ts_node_end_index_wasm) })).toBe(plainCursor)
    expect(changed({ ts_tree_cursor_goto_next_sibling_wasm: () => 0 })).toBe(plainCursor)
  })
})

describe('the memory of the parser', () => {
  /** Walks a deep tree again and again; how much larger the memory is then, in words. */
  async function grownBy(cursorOf: (of: CursorOf) => CursorOf): Promise<number> {
    const grammar = await grammarOf('a.c')
    const text = `int a = ${'('.repeat(2_000)}1${')'.repeat(2_000)};`
    return withTree(grammar, text, (tree) => {
      factsBy(grammar.cursorOf, tree, text, grammar)
      const before = memory!.words.length
      for (let walk = 0; walk < 400; walk++) factsBy(cursorOf(grammar.cursorOf), tree, text, grammar)
      return memory!.words.length - before
    })
  }

  it('is given back by every walk', async () => {
    expect(await grownBy((cursorOf) => cursorOf)).toBe(0)
  })

  it('is not by one that is broken on purpose', async () => {
    const forgetful = (cursorOf: CursorOf) => (tree: Tree) => Object.assign(cursorOf(tree), { delete() {} })
    expect(await grownBy(forgetful)).toBeGreaterThan(0)
  })

  it('may grow while a cursor is at work', async () => {
    const grammar = await grammarOf('ring.c')
    const text = textOf('ring.c')
    await withTree(grammar, text, (tree) => {
      const cursor = grammar.cursorOf(tree)
      cursor.gotoFirstChild()
      const node = cursor.currentNode
      const { endIndex } = node
      const before = memory!.words
      const other = grammars.parser(grammar).parse('int a;'.repeat(60_000))!
      expect(before.length).toBe(0)
      expect(cursor.gotoNextSibling()).toBe(true)
      expect(node.endIndex).toBe(endIndex)
      expect(cursor.startIndex).toBeGreaterThanOrEqual(endIndex)
      cursor.delete()
      other.delete()
    })
  })
})
