import { expect, test } from 'vitest'
import { fracturePolygon } from '../../src/fracture-polygon.ts'
import { areaOf } from '../fuzz/rings.ts'

const square = [0, 0, 10, 0, 10, 10, 0, 10]
const outer = { outer: square, holes: [[4, 1, 6, 1, 6, 2, 4, 2]], transform: { x: 5, y: 6, rotation: 1 } }

test('fragments say what they are', () => {
  const result = fracturePolygon(outer, { pattern: 'parallel-slices', sliceCount: 1, jitter: 0 })
  expect(result.count).toBe(2)
  const [lower, upper] = result.fragments.toSorted((a, b) => a.centroid.y - b.centroid.y)
  expect(lower!.holes.map((hole) => [areaOf(hole), hole.length])).toEqual([[-2, 8]])
  expect(areaOf(lower!.outer)).toBe(50)
  expect(lower!.area).toBe(48)
  expect(lower!.bounds).toEqual({ minX: 0, minY: 0, maxX: 10, maxY: 5 })
  expect(upper!.holes).toEqual([])
  expect(upper!.centroid).toEqual({ x: 5, y: 7.5 })
  expect([...lower!.neighbours, ...upper!.neighbours]).toEqual([upper!.index, lower!.index])
  for (const fragment of result.fragments) {
    expect(fragment.transform).toBe(outer.transform)
    expect(fragment.mesh).toBeUndefined()
    expect(fragment.convexParts).toBeUndefined()
  }
})

test('the list of fragments is made once, over memory they share', () => {
  const result = fracturePolygon(square, { pattern: 'grid', seed: 1 })
  expect(result.fragments).toBe(result.fragments)
  expect(new Set(result.fragments.map((fragment) => fragment.outer.buffer)).size).toBe(1)
  const { layout, numbers } = result.packed
  expect(result.byteLength).toBe(layout.byteLength + numbers.byteLength)
})

test('a result stays as it is while others are made', () => {
  const result = fracturePolygon(square, { seed: 3 })
  const before = result.fragments.map((fragment) => [...fragment.outer])
  for (let seed = 4; seed < 9; seed++) fracturePolygon(outer, { seed, fragmentCount: 50 })
  expect(result.fragments.map((fragment) => [...fragment.outer])).toEqual(before)
})

test('fragments of fragments have its transform, and cover it', () => {
  const [fragment] = fracturePolygon(outer, { seed: 5, fragmentCount: 2 }).fragments
  const again = fracturePolygon(fragment!, { seed: 6, fragmentCount: 5 })
  expect(again.transform).toBe(outer.transform)
  expect(again.fragments.reduce((sum, { area }) => sum + area, 0)).toBeCloseTo(fragment!.area, 9)
})

test('a box winds as the polygon was given', () => {
  const clockwise = [0, 0, 0, 10, 10, 10, 10, 0]
  const [fragment] = fracturePolygon(clockwise, { pattern: 'grid', rows: 1, cols: 1 }).fragments
  expect([...fragment!.outer]).toEqual(expect.arrayContaining(clockwise))
  expect(areaOf(fragment!.outer)).toBe(-100)
})
