import { describe, expect, it } from 'vitest'
import { ChunkSize } from '../../src/learn/chunk-size.ts'

const after = (...delivered: number[]) => {
  const size = new ChunkSize()
  for (const count of delivered) size.observe(count)
  return size.value
}

describe('ChunkSize, by the numbers of the specification', () => {
  it('begins with 10', () => expect(after()).toBe(10))
  it('grows by 5 when as many were delivered', () => expect(after(10, 15)).toBe(20))
  it('shrinks by 2 when fewer than half were', () => expect(after(4)).toBe(8))
  it('stays when half were, or more', () => expect(after(5, 9)).toBe(10))
  it('halves odd sizes downwards', () => expect(after(10, 7)).toBe(15))
  it('is at least 5', () => expect(after(...new Array<number>(20).fill(1))).toBe(5))
  it('is at most 100', () => expect(after(...new Array<number>(40).fill(100))).toBe(100))
  it('learns nothing from a frame without results', () => expect(after(0, 0, 0)).toBe(10))
})
