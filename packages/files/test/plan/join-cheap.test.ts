import fc from 'fast-check'
import { expect, it } from 'vitest'
import { BatchPriority, type FileBatch } from '../../src/index.ts'
import { joinCheap } from '../../src/plan/join-cheap.ts'
import { foundFiles } from '../ledger/samples.ts'

const FILES = foundFiles(1100)

/** Batches of so many files and milliseconds, one after another. */
function batchesOf(shapes: readonly (readonly [files: number, ms: number, priority?: BatchPriority])[]): FileBatch[] {
  return shapes.map(([files, estimatedMs, priority = BatchPriority.MEDIUM], batchId) => ({
    batchId,
    files: FILES.slice(0, files),
    totalSize: 10 * files,
    estimatedMs,
    priority,
    createdAt: 7,
  }))
}

const shapeOf = ({ batchId, files, estimatedMs }: FileBatch) => [batchId, files.length, estimatedMs]

it('joins cheap neighbours, by time and by files', () => {
  const cheap = batchesOf(Array.from({ length: 40 }, () => [200, 100]))
  expect(joinCheap(cheap, 1).slice(0, 2).map(shapeOf)).toEqual([
    [0, 800, 400],
    [4, 800, 400],
  ])
  const small = batchesOf(Array.from({ length: 40 }, () => [400, 100]))
  expect(joinCheap(small, 1).slice(0, 2).map(shapeOf)).toEqual([
    [0, 800, 200],
    [2, 800, 200],
  ])
  expect(joinCheap(cheap, 1)[0]).toMatchObject({ totalSize: 8000, priority: BatchPriority.MEDIUM, createdAt: 7 })
})

it('leaves dear ones as they are, and lets batches shrink towards the end', () => {
  const dear = batchesOf(Array.from({ length: 9 }, () => [500, 401]))
  expect(joinCheap(dear, 1)).toEqual(dear)
  const joined = joinCheap(batchesOf(Array.from({ length: 16 }, () => [50, 20])), 2)
  expect(joined.map(({ estimatedMs }) => estimatedMs)).toEqual([80, 60, 40, 20, 20, 20, 20, 20, 20, 20])
})

it('joins nothing of two priorities', () => {
  const mixed = batchesOf([
    [10, 10, BatchPriority.HIGH],
    [10, 10, BatchPriority.HIGH],
    [10, 10],
    [10, 10],
    [10, 1000],
  ])
  expect(joinCheap(mixed, 1).map(shapeOf)).toEqual([
    [0, 20, 20],
    [2, 20, 20],
    [4, 10, 1000],
  ])
})

it('keeps every file and all of the time, in order', () => {
  const shape = fc.tuple(
    fc.integer({ min: 1, max: 1100 }),
    fc.integer({ min: 0, max: 900 }),
    fc.constantFrom(BatchPriority.MEDIUM, BatchPriority.HIGH),
  )
  fc.assert(
    fc.property(fc.array(shape, { maxLength: 30 }), fc.integer({ min: 1, max: 9 }), (shapes, workers) => {
      const batches = batchesOf(shapes)
      const joined = joinCheap(batches, workers)
      expect(joined.flatMap(({ files }) => files)).toEqual(batches.flatMap(({ files }) => files))
      const msOf = (list: readonly FileBatch[]) => list.reduce((sum, { estimatedMs }) => sum + estimatedMs, 0)
      expect(msOf(joined)).toBe(msOf(batches))
      const known = new Map(batches.map((batch) => [batch.batchId, batch]))
      for (const batch of joined) {
        if (batch.files.length === known.get(batch.batchId)!.files.length) continue
        expect(batch.files.length).toBeLessThanOrEqual(1000)
        expect(batch.estimatedMs).toBeLessThanOrEqual(400)
      }
      expect(new Set(joined.map(({ batchId }) => batchId)).size).toBe(joined.length)
    }),
  )
})
