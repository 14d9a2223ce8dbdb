import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { describe, expect, test } from 'vitest'
import { classify } from '../../src/discovery/language.ts'
import type { ChildExecutorOptions } from '../../src/worker/child-executor.ts'
import type { ExecutorDeath } from '../../src/worker/executor.ts'
import { found, temporaryFolder, writeTree } from '../tree.ts'
import { childOver } from '../worker/child-over.ts'
import { reportsOf } from '../worker/executor-conformance.ts'

const MB = 1024 * 1024
/** Against hangs: nothing here takes longer, on the slowest machine. */
const LIMIT_MS = 240_000
const NARROW = fileURLToPath(new URL('../fixtures/processors/narrow-trees.ts', import.meta.url))

/** Takes a file and its neighbours through workers as an engine would: what is behind a dead one's file goes to the next. */
async function amongNeighbours(
  path: string,
  contents: string | Uint8Array,
  changes: Partial<ChildExecutorOptions> = {},
) {
  const root = writeTree(temporaryFolder(), {
    'a.py': 'import os\n',
    'b.go': 'package p\n',
    'y.rb': 'x = 1\n',
    'z.py': 'y = 2\n',
  })
  writeFileSync(join(root, path), contents)
  let files = ['a.py', 'b.go', path, 'y.rb', 'z.py'].map((name) => ({ ...found(root, name), ...classify(name) }))
  const delivered = new Map<string, Record<string, unknown>>()
  const failed = new Map<string, string>()
  const deaths = new Map<string, ExecutorDeath>()
  for (let workers = 0; files.length > 0 && workers < 3; workers++) {
    const executor = childOver(root, { processors: ['syntax'], maxFileBytes: 256 * MB, ...changes })
    const run = await reportsOf(executor, files, true)
    for (const { index, record } of run.delivered) delivered.set(files[index]!.path, JSON.parse(record))
    for (const { index, code } of run.failed) failed.set(files[index]!.path, code)
    await executor.close()
    if (run.end.done) break
    const { next } = run.reports.at(-1)!
    deaths.set(files[next]!.path, run.end.death)
    files = files.slice(next + 1)
  }
  for (const neighbour of ['a.py', 'b.go', 'y.rb', 'z.py'])
    expect(delivered.get(neighbour), neighbour).toMatchObject({ diagnostics: [] })
  return { record: delivered.get(path), code: failed.get(path), death: deaths.get(path) }
}

describe('a grammar that breaks down', () => {
  test('ends its process, which could not be believed again, and costs its file alone', {
    timeout: LIMIT_MS,
  }, async () => {
    const { record, code, death } = await amongNeighbours('huge.py', 'wave();'.repeat(500_000), {
      processors: [NARROW],
      heapMb: 512,
    })
    expect({ record, code }).toEqual({ record: undefined, code: undefined })
    expect(death).toMatchObject({
      reason: 'crashed',
      detail: 'The worker process exited with code 70',
      evidence: {
        stderr: expect.stringContaining('The grammar broke down on huge.py (Aborted()): it may be too large'),
      },
    })
  })
})

describe('brackets 100,000 deep cost no process', () => {
  test.each([
    ['deep.py', `x = ${'('.repeat(100_000)}1${')'.repeat(100_000)}`, 100_000],
    ['deep.go', `package p; func f() ${'{'.repeat(100_000)}${'}'.repeat(100_000)}`, 100_000],
    ['deep.rs', `fn f() { ${'('.repeat(100_000)}`, 1],
  ])('%s', { timeout: LIMIT_MS }, async (path, contents, depth) => {
    const { record, death } = await amongNeighbours(path, contents, { heapMb: 512, deadlineMs: () => 60_000 })
    expect(death).toBeUndefined()
    expect((record as { depth: number }).depth).toBeGreaterThanOrEqual(depth)
  })
})

test('200 MB on one line cost no more time and memory than is allowed, and no neighbour', {
  timeout: LIMIT_MS,
}, async () => {
  const limitMb = 1500
  const began = performance.now()
  const { record, death } = await amongNeighbours('line.py', Buffer.alloc(200 * MB, 'wave();'), {
    heapMb: 512,
    memoryMb: () => limitMb,
    deadlineMs: () => 15_000,
  })
  expect(record).toBeUndefined()
  expect(['memory', 'deadline']).toContain(death!.reason)
  // The deadline, and the start of three workers on a machine that does much else.
  expect(performance.now() - began).toBeLessThan(15_000 + 60_000)
})

describe('contents that are no text', () => {
  test.each([
    ['utf-16.java', Buffer.from('\ufeffclass A {}', 'utf16le'), 'FILE_NOT_UTF8'],
    ['latin-1.php', Buffer.from('<?php $é = 1;', 'latin1'), 'FILE_NOT_UTF8'],
    ['binary.cs', Buffer.from([0x7f, 0x45, 0, 1]), 'FILE_BINARY'],
    ['nul.h', Buffer.from('int a;\0'), 'FILE_BINARY'],
  ])('%s', { timeout: LIMIT_MS }, async (path, contents, expected) => {
    const { code, death } = await amongNeighbours(path, contents)
    expect({ code, death }).toEqual({ code: expected, death: undefined })
  })
})
