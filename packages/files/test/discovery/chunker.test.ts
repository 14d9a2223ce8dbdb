import { expect, test } from 'vitest'
import { Chunker } from '../../src/discovery/chunker.ts'
import type { DiscoveryChunk } from '../../src/discovery/discovery.ts'
import { discovered } from '../discovered.ts'

function chunker() {
  const chunks: DiscoveryChunk[] = []
  const clock = { now: 0 }
  return {
    chunks,
    clock,
    chunker: new Chunker(
      (chunk) => chunks.push(chunk),
      () => clock.now,
    ),
  }
}

test('a chunk goes out when it holds a thousand entries', () => {
  const { chunks, chunker: it } = chunker()
  for (let i = 0; i < 998; i++) it.file(discovered(`${i}`))
  it.excluded('a', 'hidden')
  expect(chunks).toEqual([])
  it.problem({ path: 'b', code: 'EACCES', message: 'no' })
  expect(chunks).toHaveLength(1)
  expect(chunks[0]?.files).toHaveLength(998)
  expect(chunks[0]?.excluded).toEqual([{ path: 'a', reason: 'hidden' }])
  expect(chunks[0]?.problems).toEqual([{ path: 'b', code: 'EACCES', message: 'no' }])
})

test('a chunk goes out unfilled when it is old, even where nothing more is found', () => {
  const { chunks, clock, chunker: it } = chunker()
  it.file(discovered('a'))
  clock.now = 49
  it.folder()
  expect(chunks).toHaveLength(0)
  clock.now = 50
  it.folder()
  expect(chunks).toHaveLength(1)
})

test('there are no empty chunks', () => {
  const { chunks, clock, chunker: it } = chunker()
  clock.now = 1000
  it.folder()
  it.flush()
  expect(chunks).toEqual([])
  it.file(discovered('a'))
  it.flush()
  it.flush()
  expect(chunks).toHaveLength(1)
})
