import type { Bounds } from '../polygon/polygon.ts'

/**
 * Writes where each of `points` lies in `box`, into `uvs` from `offset` on: 0 to 1 from `minX` to `maxX` and from `minY` to `maxY`; 0 along a
 * side that has no length. A point outside of the box has a place outside of 0 to 1. O(n), allocates nothing.
 */
export function writeUvs(points: ArrayLike<number>, box: Bounds, uvs: Float32Array, offset = 0): void {
  const { minX, minY } = box
  const width = box.maxX - minX
  const height = box.maxY - minY
  for (let i = 0; i < points.length; i += 2) {
    uvs[offset + i] = width > 0 ? (points[i]! - minX) / width : 0
    uvs[offset + i + 1] = height > 0 ? (points[i + 1]! - minY) / height : 0
  }
}
