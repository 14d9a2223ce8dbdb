import { lstatSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import type { Processor } from '../../src/processor/processor.ts'
import { diskFs, type ReadFs } from '../../src/processor/read-fs.ts'
import { stampOf } from '../../src/stamp.ts'
import type { AssignedFile, ExecutorReport } from '../../src/worker/executor.ts'
import { type ProcessingContext, processFiles } from '../../src/worker/process-files.ts'
import { found, temporaryFolder, writeTree } from '../tree.ts'

const sizes: Processor = {
  name: 'sizes',
  version: '1',
  match: () => true,
  process: ({ bytes }) => ({ size: bytes.length }),
  highlights: (record, { path }) => [{ list: 'size', label: path, value: (record as { size: number }).size }],
}

async function process(files: readonly AssignedFile[], context: Partial<ProcessingContext> & { root: string }) {
  const reports: ExecutorReport[] = []
  const full = { processors: [sizes], maxFileBytes: 1e6, ...context }
  await processFiles({ assignmentId: 1, files, cautious: false }, full, async (report) => void reports.push(report))
  return {
    reports,
    delivered: reports.flatMap(({ delivered }) => delivered),
    confirmed: reports.flatMap(({ confirmed }) => confirmed),
    failed: reports.flatMap(({ failed }) => failed),
    highlights: reports.flatMap(({ highlights }) => highlights),
  }
}

const tree = () => writeTree(temporaryFolder(), { 'a.js': 'a', 'b.js': 'bb', 'c.js': 'ccc' })
const PATHS = ['a.js', 'b.js', 'c.js']

describe('a file with a kept result', () => {
  test('is confirmed where its contents are the same, and processed where they are not', async () => {
    const root = tree()
    const files = PATHS.map((path) => found(root, path))
    const before = await process(files, { root })
    const again = files.map((file, index) => ({
      ...file,
      knownHash: index === 1 ? 'other' : before.delivered[index]!.hash,
    }))
    const { delivered, confirmed, highlights, reports } = await process(again, { root })
    expect(confirmed).toMatchObject([
      { index: 0, bytes: 1 },
      { index: 2, bytes: 3 },
    ])
    expect(delivered).toMatchObject([{ index: 1, hash: before.delivered[1]!.hash }])
    expect(highlights).toEqual([{ index: 1, list: 'size', label: 'b.js', value: 2 }])
    expect(reports.at(-1)!.next).toBe(3)
  })

  test('is processed where the kept hash is null, and fails where it is gone', async () => {
    const root = tree()
    const gone = { ...found(root, 'a.js'), path: 'gone.js', knownHash: 'x' }
    const { delivered, failed } = await process([{ ...found(root, 'a.js'), knownHash: null }, gone], { root })
    expect(delivered).toHaveLength(1)
    expect(failed).toMatchObject([{ index: 1, code: 'FILE_VANISHED' }])
  })
})

test('a result bears the stamp of the file as it was read', async () => {
  const root = tree()
  const wallNow = () => Date.now() + 3_600_000
  const { delivered } = await process([found(root, 'b.js')], { root, ports: { fs: diskFs, wallNow } })
  expect(delivered[0]!.stamp).toBe(stampOf(lstatSync(join(root, 'b.js'), { bigint: true })))
})

test('highlights say which file they are about; those of a file that fails are not told', async () => {
  const root = tree()
  const half: Processor = {
    ...sizes,
    highlights: (_, { path }) => [
      { list: 'l', label: path, value: 1 },
      { list: 'l', label: 'x', value: path === 'b.js' ? Number.NaN : 2 },
    ],
  }
  const { highlights, failed } = await process(
    PATHS.map((path) => found(root, path)),
    { root, processors: [half] },
  )
  expect(highlights.map(({ index }) => index).toSorted()).toEqual([0, 0, 2, 2])
  expect(failed).toMatchObject([{ index: 1, code: 'RECORD_INVALID' }])
})

describe('a failing file system', () => {
  const failing = (call: keyof ReadFs, code: string, from: number): ReadFs => {
    let calls = 0
    return {
      ...diskFs,
      [call]: (...args: never[]) => {
        if (call === 'close') diskFs.close(...(args as unknown as [number]))
        if (calls++ === from) throw Object.assign(new Error(`${code}: ${call}`), { code })
        return call === 'close' ? undefined : (diskFs[call] as (...args: never[]) => unknown)(...args)
      },
    }
  }

  test.each([
    ['open', 'EMFILE', true],
    ['open', 'ENFILE', true],
    ['open', 'ENOMEM', true],
    ['fstat', 'EIO', true],
    ['read', 'EIO', true],
    ['read', 'ENOSPC', false],
    ['close', 'EIO', true],
  ] as const)('%s with %s fails that file, and no other', async (call, code, transient) => {
    const root = tree()
    const ports = { fs: failing(call, code, 1), wallNow: Date.now }
    const { delivered, failed } = await process(
      PATHS.map((path) => found(root, path)),
      { root, ports },
    )
    expect(failed).toMatchObject([{ code: 'FILE_READ_FAILED', transient, evidence: { code } }])
    expect(delivered.length).toBe(2)
  })

  test('a read that brings little at a time still brings all', async () => {
    const root = tree()
    const fs = { ...diskFs, read: (fd: number, to: Buffer, at: number) => diskFs.read(fd, to, at, 1) }
    const { delivered } = await process([found(root, 'c.js')], { root, ports: { fs, wallNow: Date.now } })
    expect(delivered).toMatchObject([{ bytes: 3 }])
  })
})
