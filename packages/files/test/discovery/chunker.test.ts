import { lstatSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { expect, test } from 'vitest'
import { unpackChunk } from '../../src/discovery/chunk-wire.ts'
import { Chunker } from '../../src/discovery/chunker.ts'
import type { DiscoveryChunk } from '../../src/discovery/discovery.ts'
import { stampOf } from '../../src/stamp.ts'

const stats = lstatSync(fileURLToPath(import.meta.url), { bigint: true })

function chunker() {
  const chunks: DiscoveryChunk[] = []
  const clock = { now: 0 }
  return {
    chunks,
    clock,
    chunker: new Chunker(
      // What the next chunk writes over must be out of the columns by then, as it is when they are posted.
      (chunk) => chunks.push(unpackChunk(chunk)),
      () => clock.now,
    ),
  }
}

test('a chunk goes out when it holds a thousand entries', () => {
  const { chunks, chunker: it } = chunker()
  for (let i = 0; i < 998; i++) it.file(`${i}.ts`, stats)
  it.excluded('a', 'hidden')
  expect(chunks).toEqual([])
  it.problem({ path: 'b', code: 'EACCES', message: 'no' })
  expect(chunks).toHaveLength(1)
  expect(chunks[0]?.files.map(({ path }) => path)).toEqual(Array.from({ length: 998 }, (_, i) => `${i}.ts`))
  expect(chunks[0]?.files[997]).toEqual({
    path: '997.ts',
    size: Number(stats.size),
    mtimeMs: Number(stats.mtimeMs),
    stamp: stampOf(stats),
    language: 'typescript',
    kind: 'source',
  })
  expect(chunks[0]?.excluded).toEqual([{ path: 'a', reason: 'hidden' }])
  expect(chunks[0]?.problems).toEqual([{ path: 'b', code: 'EACCES', message: 'no' }])
})

test('a chunk has nothing of the one before', () => {
  const { chunks, chunker: it } = chunker()
  it.file('a', stats)
  it.excluded('b', 'ignored')
  it.problem({ path: 'c', code: 'EACCES', message: 'no' })
  it.flush()
  it.file('d', { ...stats, size: 7n } as typeof stats)
  it.flush()
  expect(chunks[1]).toEqual({ files: [{ ...chunks[0]?.files[0], path: 'd', size: 7 }], excluded: [], problems: [] })
})

test('a chunk goes out unfilled when it is old, even where nothing more is found', () => {
  const { chunks, clock, chunker: it } = chunker()
  it.file('a', stats)
  clock.now = 49
  it.folder()
  expect(chunks).toHaveLength(0)
  clock.now = 50
  it.folder()
  expect(chunks).toHaveLength(1)
})

test('a chunk goes out unfilled when it is old, in the midst of one large folder', () => {
  const { chunks, clock, chunker: it } = chunker()
  clock.now = 50
  for (let i = 0; i < 99; i++) it.file(`${i}`, stats)
  expect(chunks.map(({ files }) => files.length)).toEqual([50])
})

test('there are no empty chunks', () => {
  const { chunks, clock, chunker: it } = chunker()
  clock.now = 1000
  it.folder()
  it.flush()
  expect(chunks).toEqual([])
  it.file('a', stats)
  it.flush()
  it.flush()
  expect(chunks).toHaveLength(1)
})
