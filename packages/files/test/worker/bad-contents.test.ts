import { readdirSync, truncateSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { found, temporaryFolder, writeTree } from '../tree.ts'
import { childOver } from './child-over.ts'
import { reportsOf } from './executor-conformance.ts'
import { besideNeighbours } from './run-through.ts'

const MB = 1024 * 1024
const PARSED = { processors: ['syntax'] }

test('500 MB are refused unread, at once', async () => {
  const root = writeTree(temporaryFolder(), { 'a.js': '', 'huge.js': '', 'z.js': '' })
  // Sparse: it takes no room on the disk, and would take its time to read.
  truncateSync(join(root, 'huge.js'), 500 * MB)
  const executor = childOver(root, { ...PARSED, maxFileBytes: 256 * MB })
  const { failed, delivered } = await reportsOf(
    executor,
    ['a.js', 'huge.js', 'z.js'].map((path) => found(root, path)),
  )
  expect(failed).toMatchObject([{ index: 1, code: 'FILE_TOO_LARGE', transient: false }])
  expect(delivered.map(({ index }) => index)).toEqual([0, 2])
  expect(executor.usage().rssMb).toBeLessThan(400)
})

test('200 MB on one line cost no more memory than is allowed, and no neighbour', async () => {
  const root = writeTree(temporaryFolder(), { 'a.js': '', 'z.js': '' })
  writeFileSync(join(root, 'line.js'), Buffer.alloc(200 * MB, 'wave();'))
  const limitMb = 1200
  const changes = { ...PARSED, maxFileBytes: 256 * MB, heapMb: 512, memoryMb: () => limitMb, deadlineMs: () => 15_000 }
  const executor = childOver(root, changes)
  const files = ['a.js', 'line.js', 'z.js'].map((path) => found(root, path))
  const { end, delivered, failed } = await reportsOf(executor, files, true)
  expect(delivered[0]).toMatchObject({ index: 0 })
  if (end.done) expect(delivered.length + failed.length).toBe(3)
  else expect(['memory', 'deadline']).toContain(end.death.reason)
  const next = childOver(root, changes)
  expect(await reportsOf(next, files.slice(2))).toMatchObject({ end: { done: true }, delivered: [{ index: 0 }] })
})

test('brackets so deep that the parser overruns its stack end the worker, and no neighbour', async () => {
  const { deaths } = await besideNeighbours('deep.js', PARSED, {
    'a.js': '',
    'deep.js': '['.repeat(200_000),
    'z.js': '',
  })
  expect([...deaths]).toMatchObject([['deep.js', { reason: 'crashed', evidence: { signal: expect.any(String) } }]])
})

describe('contents that are no text', () => {
  test.each([
    ['utf-16', Buffer.from('\ufeffconst a = 1', 'utf16le'), 'FILE_NOT_UTF8'],
    ['latin-1', Buffer.from('const é = 1', 'latin1'), 'FILE_NOT_UTF8'],
    ['half a character', Buffer.from([0x61, 0xe2, 0x82]), 'FILE_NOT_UTF8'],
    ['binary', Buffer.from([0x7f, 0x45, 0, 1]), 'FILE_BINARY'],
  ])('%s', async (_, bytes, code) => {
    const { failed, deaths } = await besideNeighbours('bad.js', PARSED, { 'a.js': '', 'bad.js': bytes, 'z.js': '' })
    expect([...failed]).toMatchObject([['bad.js', { code, transient: false }]])
    expect(deaths.size).toBe(0)
  })
})

test('a CPU profile is written when the process ends politely', async () => {
  const root = writeTree(temporaryFolder(), { 'a.js': 'wave()' })
  const cpuProfDir = join(temporaryFolder(), 'profiles')
  const executor = childOver(root, { ...PARSED, cpuProfDir })
  await reportsOf(executor, [found(root, 'a.js')])
  await executor.close()
  expect(readdirSync(cpuProfDir)).toEqual([expect.stringMatching(/\.cpuprofile$/)])
})
