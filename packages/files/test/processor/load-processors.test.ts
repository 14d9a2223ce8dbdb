import { execFileSync } from 'node:child_process'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { describe, expect, it } from 'vitest'
import { loadProcessors, processorFor } from '../../src/processor/load-processors.ts'
import type { Processor } from '../../src/processor/processor.ts'
import { discovered } from '../discovered.ts'
import { temporaryFolder, writeTree } from '../tree.ts'
import { inputOf } from './input.ts'

const modules = join(import.meta.dirname, 'fixtures/modules')
const names = (processors: readonly Processor[]) => processors.map(({ name, version }) => `${name}@${version}`)

describe('loadProcessors', () => {
  it('loads in the order given, by name, by path and by URL', async () => {
    const processors = await loadProcessors(
      ['./lines.ts', 'ast-json', join(modules, 'named.mjs'), 'syntax', pathToFileURL(join(modules, 'lines.ts')).href],
      modules,
    )
    expect(names(processors)).toEqual(['lines@1', 'ast-json@2', 'named@2', 'syntax@2', 'lines@1'])
    expect(processors[0]!.process(inputOf('a.txt', 'a\nb'))).toEqual({ count: 2 })
    expect(await loadProcessors([], modules)).toEqual([])
  })

  it('takes a path without ./', async () => {
    expect(names(await loadProcessors(['modules/named.mjs'], join(modules, '..')))).toEqual(['named@2'])
  })

  it.each([
    ['./absent.ts', 'neither built in (syntax, ast-json, chunks, duplicates, licenses, command) nor a file or package'],
    ['.', 'There is no processor "."'],
    ['', 'There is no processor ""'],
    [join(modules, 'absent.ts'), 'There is no processor'],
    [pathToFileURL(join(modules, 'absent.ts')).href, 'There is no processor'],
  ])('knows no %j', async (specifier, message) => {
    await expect(loadProcessors(['syntax', specifier], modules)).rejects.toMatchObject({
      code: 'PROCESSOR_UNKNOWN',
      message: expect.stringContaining(message),
      detail: { specifier, builtIn: ['syntax', 'ast-json', 'chunks', 'duplicates', 'licenses', 'command'] },
    })
  })

  it('tells the first line of what a module throws', async () => {
    await expect(loadProcessors(['./throws.mjs'], modules)).rejects.toMatchObject({
      code: 'PROCESSOR_LOAD_FAILED',
      message: expect.stringContaining('RangeError: no luck today. Import it'),
      cause: { message: 'no luck today\nand more of it' },
    })
  })

  it('does not take a missing import of the module for a missing module', async () => {
    await expect(loadProcessors(['./missing-import.mjs'], modules)).rejects.toMatchObject({
      code: 'PROCESSOR_LOAD_FAILED',
    })
  })

  it.each([
    ['./no-version.mjs', 'needs a version'],
    ['./no-processor.mjs', 'must be an object, got undefined'],
  ])('%s exports no processor: it %s', async (specifier, fault) => {
    await expect(loadProcessors([specifier], modules)).rejects.toMatchObject({
      code: 'PROCESSOR_INVALID',
      message: expect.stringContaining(`What "${specifier}" exports is no processor: it ${fault}`),
    })
  })

  it('in Node.js itself: packages resolve from the base, this one from everywhere, and a syntax error has its place', () => {
    const base = writeTree(temporaryFolder(), {
      'node_modules/count/package.json': '{"name":"count","type":"module","exports":{".":{"import":"./it.js"}}}',
      'node_modules/count/it.js':
        'export default { name: "count", version: "3", match: () => true, process: () => ({}) }',
      'node_modules/closed/package.json': '{"name":"closed","exports":{}}',
      'mine.ts':
        'import { defineProcessor } from "@millrace/files"\nexport default defineProcessor({ name: "mine", version: "1", match: () => true, process: () => ({}) })',
      'needy.mjs': 'import "left-out"',
      'own/node_modules/@millrace/files/package.json': '{"name":"@millrace/files","type":"module","exports":"./it.js"}',
      'own/node_modules/@millrace/files/it.js':
        'export const defineProcessor = (given) => ({ ...given, name: "theirs" })',
      'own/mine.ts':
        'import { defineProcessor } from "@millrace/files"\nexport default defineProcessor({ name: "mine", version: "1", match: () => true, process: () => ({}) })',
    })
    const load = pathToFileURL(join(import.meta.dirname, '../../src/processor/load-processors.ts')).href
    const script = `
      const { loadProcessors } = await import(${JSON.stringify(load)})
      const told = []
      for (const [specifier, base] of ${JSON.stringify([
        ['count', base],
        ['sintax', base],
        ['closed', base],
        ['./syntax-error.mjs', modules],
        ['./lines.ts', modules],
        ['./mine.ts', base],
        ['./own/mine.ts', base],
        ['./needy.mjs', base],
      ])}) {
        await loadProcessors([specifier], base).then(
          ([{ name, version }]) => told.push(name + '@' + version),
          ({ code, message }) => told.push(code + ' ' + message),
        )
      }
      console.log(JSON.stringify(told))`
    const output = execFileSync(
      process.execPath,
      ['--conditions=millrace-source', '--input-type=module', '-e', script],
      { encoding: 'utf8', cwd: import.meta.dirname },
    )
    const [count, sintax, closed, syntaxError, lines, mine, theirs, needy] = JSON.parse(output) as string[]
    expect(count).toBe('count@3')
    expect(sintax).toMatch(/^PROCESSOR_UNKNOWN .* Did you mean syntax\?$/)
    expect(closed).toMatch(/^PROCESSOR_LOAD_FAILED .*exports/)
    expect(syntaxError).toMatch(/^PROCESSOR_LOAD_FAILED .*SyntaxError: .*syntax-error\.mjs:2:\d+\)/)
    expect(lines).toBe('lines@1')
    // A folder in which nothing is installed has this package; one that has its own keeps it.
    expect([mine, theirs]).toEqual(['mine@1', 'theirs@1'])
    expect(needy).toMatch(/^PROCESSOR_LOAD_FAILED .*'left-out'.*\. Install it there: npm install left-out$/)
  })
})

describe('processorFor', () => {
  const processor = (name: string, match: Processor['match']): Processor => ({
    name,
    version: '1',
    match,
    process: () => ({}),
  })

  it('gives the first that takes the file', () => {
    const none = processor('none', () => false)
    const first = processor('first', ({ path }) => path === 'a')
    const second = processor('second', () => true)
    expect(processorFor([none, first, second], discovered('a'))).toBe(first)
    expect(processorFor([none, first, second], discovered('b'))).toBe(second)
    expect(processorFor([none], discovered('a'))).toBeUndefined()
  })

  it('names the processor and the file where a match throws', () => {
    const broken = processor('broken', () => {
      throw new Error('no idea\nreally')
    })
    expect(() => processorFor([broken], discovered('dir/a.js'))).toThrow(
      expect.objectContaining({
        code: 'PROCESSOR_FAILED',
        message: expect.stringMatching(/"broken" threw .* dir\/a\.js: Error: no idea\. /),
      }),
    )
  })
})
