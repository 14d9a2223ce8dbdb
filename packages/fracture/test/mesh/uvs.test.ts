import { expect, test } from 'vitest'
import { writeUvs } from '../../src/mesh/uvs.ts'

test('a point has its place in the box, 0 to 1 both ways', () => {
  const uvs = new Float32Array(8).fill(9)
  writeUvs([10, 20, 30, 60, 15, 50], { minX: 10, minY: 20, maxX: 30, maxY: 60 }, uvs, 2)
  expect(uvs).toEqual(Float32Array.of(9, 9, 0, 0, 1, 1, 0.25, 0.75))
})

test('along a side without length it is 0', () => {
  const uvs = new Float32Array(4).fill(9)
  writeUvs([5, 1, 5, 3], { minX: 5, minY: 1, maxX: 5, maxY: 3 }, uvs)
  expect(uvs).toEqual(Float32Array.of(0, 0, 0, 1))
})
