import { execFile } from 'node:child_process'
import { cpSync, mkdirSync, symlinkSync } from 'node:fs'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { describe, expect, it } from 'vitest'
import { Grammars } from '../../src/languages/grammars.ts'
import { temporaryFolder, writeTree } from '../tree.ts'

const run = promisify(execFile)
const repository = join(import.meta.dirname, '../../../..')

/** What a reader says of a file where only some packages are installed: the sources by themselves, and `others` beside them. */
async function saidWith(
  others: Readonly<Record<string, string | null>>,
  name: string,
): Promise<{ code?: string; message?: string }> {
  const folder = temporaryFolder()
  mkdirSync(join(folder, 'node_modules/@millrace'), { recursive: true })
  cpSync(join(repository, 'packages/files/src'), join(folder, 'src'), { recursive: true })
  symlinkSync(join(repository, 'packages/kernel'), join(folder, 'node_modules/@millrace/kernel'))
  for (const [other, wasm] of Object.entries(others)) {
    const place = join(folder, 'node_modules', other)
    mkdirSync(join(place, '..'), { recursive: true })
    if (wasm === null) symlinkSync(join(repository, 'node_modules', other), place)
    else writeTree(place, { 'package.json': JSON.stringify({ name: other }), [wasm]: 'this is none' })
  }
  const script = `
    const { TreeReader } = await import(${JSON.stringify(join(folder, 'src/languages/tree-reader.ts'))})
    const file = { path: ${JSON.stringify(`a.${name}`)}, language: ${JSON.stringify(name)} }
    const input = { file, absolutePath: '/a', bytes: Buffer.from('x'), text: () => 'x' }
    try { console.log(JSON.stringify(await new TreeReader().read(input))) } catch ({ code, message }) { console.log(JSON.stringify({ code, message })) }`
  const flags = ['--conditions=millrace-source', '--input-type=module']
  const { stdout } = await run(process.execPath, [...flags, '-e', script], { cwd: folder })
  return JSON.parse(stdout)
}

describe('a grammar that is not there', () => {
  it('without the parser, it is told what to install', async () => {
    expect(await saidWith({}, 'python')).toEqual({
      code: 'PEER_MISSING',
      message: expect.stringMatching(
        /^Reading the syntax of python needs the package web-tree-sitter, .* npm install web-tree-sitter$/,
      ),
    })
  })

  it('without the package of its grammar too, for each its own', async () => {
    const parser = { 'web-tree-sitter': null }
    expect((await saidWith(parser, 'go')).message).toContain('npm install @vscode/tree-sitter-wasm')
    expect((await saidWith(parser, 'c')).message).toContain('npm install tree-sitter-c')
    expect(await saidWith({ ...parser, 'tree-sitter-c': null }, 'c')).toMatchObject({ language: 'c', nodes: 3 })
  })

  it('one that is damaged is told of by name', async () => {
    const damaged = { 'web-tree-sitter': null, 'tree-sitter-html': 'tree-sitter-html.wasm' }
    expect(await saidWith(damaged, 'html')).toEqual({
      code: 'GRAMMAR_UNUSABLE',
      message: expect.stringMatching(
        /^The grammar of html in the package tree-sitter-html cannot be used: .* Install the version/,
      ),
    })
  })
})

it('a grammar is loaded once, when it is asked for', async () => {
  const grammars = new Grammars()
  expect(grammars.get('css')).toBeUndefined()
  const [first, second] = await Promise.all([grammars.load('css'), grammars.load('css')])
  expect(first).toBe(second)
  expect(grammars.get('css')).toBe(first)
  expect(grammars.get('html')).toBeUndefined()
})

it('a process that sees only TypeScript loads neither the parser nor a grammar', async () => {
  const script = `
    const { registerHooks } = await import('node:module')
    const loaded = []
    registerHooks({ load: (url, context, next) => (loaded.push(url), next(url, context)) })
    const { syntax } = await import(${JSON.stringify(join(repository, 'packages/files/src/processor/syntax.ts'))})
    const read = (path, language, text) =>
      syntax.process({ file: { path, language, kind: 'source' }, absolutePath: path, bytes: Buffer.from(text), text: () => text })
    const seen = () => loaded.filter((url) => /web-tree-sitter|languages\\/(?!tree-languages)/.test(url)).length
    read('a.ts', 'typescript', 'const a = 1')
    const before = seen()
    await read('a.py', 'python', 'a = 1')
    console.log(JSON.stringify({ before, after: seen() }))`
  const { stdout } = await run(process.execPath, ['--conditions=millrace-source', '--input-type=module', '-e', script])
  const { before, after } = JSON.parse(stdout)
  expect(before).toBe(0)
  expect(after).toBeGreaterThan(2)
})

it('a process in which something else started the parser reads the same', async () => {
  const script = (before: string) => `
    ${before}
    const { TreeReader } = await import(${JSON.stringify(join(repository, 'packages/files/src/languages/tree-reader.ts'))})
    const { parserRuntime } = await import(${JSON.stringify(join(repository, 'packages/files/src/languages/parser-runtime.ts'))})
    const text = 'package p; func f() int { if a { return 1 }; return 2 }'
    const file = { path: 'a.go', language: 'go' }
    const record = await new TreeReader().read({ file, absolutePath: '/a', bytes: Buffer.from(text), text: () => text })
    const { memory } = await parserRuntime('Testing', 2048)
    console.log(JSON.stringify({ record, direct: memory !== undefined }))`
  const told = async (before: string) => {
    const flags = ['--conditions=millrace-source', '--input-type=module']
    const { stdout } = await run(process.execPath, [...flags, '-e', script(before)], { cwd: repository })
    return JSON.parse(stdout)
  }
  const [alone, after] = await Promise.all([told(''), told("await (await import('web-tree-sitter')).Parser.init()")])
  expect([alone.direct, after.direct]).toEqual([true, false])
  expect(after.record).toEqual(alone.record)
  expect(alone.record).toMatchObject({ complexity: 3, functions: [{ name: 'f', complexity: 2 }] })
})
