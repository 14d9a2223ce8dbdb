import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { commandOf, commandProcessor } from '../../../src/processor/command/command.ts'
import { groupsOf } from '../../../src/processor/command/groups-of.ts'
import type { FileInput } from '../../../src/processor/processor.ts'
import { found, temporaryFolder, writeTree } from '../../tree.ts'

function inputIn(root: string, path: string): FileInput {
  const bytes = readFileSync(join(root, path))
  return { file: found(root, path), absolutePath: join(root, path), bytes, text: () => bytes.toString() }
}
const node = (script: string, ...args: string[]) => [process.execPath, '-e', script, '--', ...args]
/** Prints a line of JSON for each path, and one to a log for each run. */
const EACH = `
  const fs = require('node:fs')
  const paths = process.argv.slice(1)
  fs.appendFileSync('runs.log', paths.length + '\\n')
  if (paths.length > 1 && paths.includes('./poison.txt')) process.exit(3)
  for (const path of paths) if (!path.includes('silent')) console.log(JSON.stringify({ path, size: fs.statSync(path).size }))
`

describe('command', () => {
  test('a file on the command line: text, or a JSON object, is the record', async () => {
    const root = writeTree(temporaryFolder(), { 'a b.txt': 'one\ntwo\n', '-n.txt': '{"n":1}' })
    const cat = commandProcessor({ argv: ['cat', '{}'] })
    expect(await cat.process(inputIn(root, 'a b.txt'))).toEqual({ exitCode: 0, output: 'one\ntwo' })
    expect(await cat.process(inputIn(root, '-n.txt'))).toEqual({ n: 1 })
  })

  test('a file as input', async () => {
    const root = writeTree(temporaryFolder(), { 'a.txt': 'one two three' })
    expect(await commandOf('wc -w').process(inputIn(root, 'a.txt'))).toMatchObject({
      exitCode: 0,
      output: expect.stringMatching(/^\s*3$/),
    })
    // One that does not read what it is given is no failure.
    expect(await commandOf('true').process(inputIn(root, 'a.txt'))).toEqual({ exitCode: 0, output: '' })
  })

  test('a batch in one run; whom it says nothing about runs alone', async () => {
    const root = writeTree(temporaryFolder(), { 'a.txt': 'a', 'b/c.txt': 'ccc', 'silent.txt': '' })
    const processor = commandProcessor({ argv: node(EACH, '{files}') })
    await processor.begin!(
      ['a.txt', 'b/c.txt', 'silent.txt'].map((path) => found(root, path)),
      root,
    )
    expect(await processor.process(inputIn(root, 'a.txt'))).toEqual({ size: 1 })
    expect(await processor.process(inputIn(root, 'b/c.txt'))).toEqual({ size: 3 })
    await expect(processor.process(inputIn(root, 'silent.txt'))).rejects.toMatchObject({ code: 'COMMAND_FAILED' })
    expect(readFileSync(join(root, 'runs.log'), 'utf8')).toBe('3\n1\n')
  })

  test('a batch that fails is made up for file by file', async () => {
    const root = writeTree(temporaryFolder(), { 'a.txt': 'a', 'poison.txt': 'p' })
    const processor = commandProcessor({ argv: node(EACH, '{files}') })
    await processor.begin!(
      ['a.txt', 'poison.txt'].map((path) => found(root, path)),
      root,
    )
    expect(await processor.process(inputIn(root, 'a.txt'))).toEqual({ size: 1 })
    expect(readFileSync(join(root, 'runs.log'), 'utf8')).toBe('2\n1\n')
  })

  test('a file that changed since the run is run again', async () => {
    const root = writeTree(temporaryFolder(), { 'a.txt': 'a' })
    const processor = commandProcessor({ argv: node(EACH, '{files}') })
    await processor.begin!([found(root, 'a.txt')], root)
    writeFileSync(join(root, 'a.txt'), 'longer')
    expect(await processor.process(inputIn(root, 'a.txt'))).toEqual({ size: 6 })
  })

  test('a program that changes the file has read something else', async () => {
    const root = writeTree(temporaryFolder(), { 'a.txt': 'a' })
    const touch = commandProcessor({ argv: node("require('node:fs').appendFileSync(process.argv[1], 'x')", '{}') })
    await expect(touch.process(inputIn(root, 'a.txt'))).rejects.toMatchObject({ code: 'FILE_CHANGED' })
  })

  test.each([
    [node("console.error('no such rule'); process.exit(2)", '{}'), 'ended with exit code 2 for a.txt: no such rule'],
    [node("process.kill(process.pid, 'SIGTERM'); setTimeout(Object, 9999)", '{}'), 'was ended by SIGTERM for a.txt'],
    [['no-such-program-here', '{}'], 'is not there (is it installed, and in the PATH?) for a.txt'],
  ])('%j fails with how it ended', async (argv, words) => {
    const root = writeTree(temporaryFolder(), { 'a.txt': 'a' })
    await expect(commandProcessor({ argv }).process(inputIn(root, 'a.txt'))).rejects.toMatchObject({
      code: 'COMMAND_FAILED',
      message: expect.stringContaining(words),
    })
  })

  test('exit codes that are told for good are', async () => {
    const root = writeTree(temporaryFolder(), { 'a.txt': 'a' })
    const processor = commandProcessor({ argv: node("console.log('found'); process.exit(1)", '{}'), exitCodes: [0, 1] })
    expect(await processor.process(inputIn(root, 'a.txt'))).toEqual({ exitCode: 1, output: 'found' })
  })

  test('another command is another version; no command is refused', () => {
    expect(commandOf('wc -l {}').version).not.toBe(commandOf('wc -w {}').version)
    expect(commandOf('wc  -l "{}"').version).toBe(commandOf('wc -l {}').version)
    expect(() => commandOf('')).toThrowError(expect.objectContaining({ code: 'PROCESSOR_ARGUMENT' }))
  })

  test('paths come in groups that fit on a command line, in order', () => {
    const paths = Array.from({ length: 2000 }, (_, n) => `some/folder/é/file-${n}.txt`)
    const groups = groupsOf(paths)
    expect(groups.flat()).toEqual(paths)
    expect(groups.length).toBeGreaterThan(1)
    for (const group of groups) expect(Buffer.byteLength(group.join('   '))).toBeLessThan(24 * 1024)
    expect(groupsOf([])).toEqual([])
  })
})
