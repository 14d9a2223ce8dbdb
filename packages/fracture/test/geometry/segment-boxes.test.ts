import { fails, holds, type Shape } from '@millrace/kernel/test/property'
import fc from 'fast-check'
import { test } from 'vitest'
import { SegmentBoxes } from '../../src/geometry/segment-boxes.ts'
import { Segments } from '../../src/geometry/segments.ts'

/** What the arrangement asks: nothing nearer than this may be missed. */
const NEAR = 4

const place = fc.tuple(fc.integer({ min: 0, max: 99 }), fc.integer({ min: 0, max: 99 }))
const ring = fc.array(place, { minLength: 3, maxLength: 20 })
const cut = fc.tuple(place, place)
const drawings = fc.record({
  rings: fc.array(ring, { minLength: 1, maxLength: 3 }),
  cuts: fc.array(cut, { minLength: 1, maxLength: 8 }),
})

function segmentsOf(rings: [number, number][][], cuts: [[number, number], [number, number]][]): Segments {
  const segments = new Segments()
  segments.clear()
  for (const points of rings) {
    const first = segments.vertexCount
    for (const [x, y] of points) segments.addVertex(x, y)
    points.forEach((_, i) => {
      segments.add(first + i, first + ((i + 1) % points.length))
    })
  }
  segments.borderCount = segments.count
  for (const [from, to] of cuts) segments.add(segments.addVertex(...from), segments.addVertex(...to))
  return segments
}

/** Every edge of the border whose own box is near that of a cut is in a block that is found for the cut; and each edge is in one block. */
const missesNothing = (make: () => Shape<SegmentBoxes>) =>
  fc.property(drawings, ({ rings, cuts }) => {
    const segments = segmentsOf(rings, cuts)
    const boxes = make()
    boxes.addBorder(segments)
    boxes.addCuts(segments)
    const { x, y, from, to, borderCount, count } = segments
    const { blockStart, firstBlock, endBlock } = boxes
    const isFar = (one: number, other: number, at: Float64Array) => {
      const [a, b, c, d] = [at[from[one]!]!, at[to[one]!]!, at[from[other]!]!, at[to[other]!]!]
      return Math.max(a, b) + NEAR < Math.min(c, d) || Math.max(c, d) + NEAR < Math.min(a, b)
    }
    if (blockStart[0] !== 0 || blockStart[endBlock - firstBlock] !== borderCount) return false
    for (let one = borderCount; one < count; one++) {
      const found = new Set<number>()
      const box = endBlock + one - borderCount
      for (
        let at = boxes.nextNear(box, firstBlock, endBlock);
        at < endBlock;
        at = boxes.nextNear(box, at + 1, endBlock)
      ) {
        for (let edge = blockStart[at - firstBlock]!; edge < blockStart[at - firstBlock + 1]!; edge++) found.add(edge)
      }
      for (let edge = 0; edge < borderCount; edge++) {
        if (!found.has(edge) && !isFar(one, edge, x) && !isFar(one, edge, y)) return false
      }
    }
    return true
  })

test('nothing that is near is missed', () => holds(missesNothing(() => new SegmentBoxes())))

class Skipping extends SegmentBoxes {
  override nextNear(one: number, from: number, end: number): number {
    return super.nextNear(one, from % 3 === 0 ? from + 1 : from, end)
  }
}

class Leftover extends SegmentBoxes {
  #isUsed = false

  override addBorder(segments: Segments): void {
    if (!this.#isUsed) super.addBorder(segments)
    this.#isUsed = true
    this.blockStart = this.blockStart.fill(0, 1)
  }
}

test('boxes that are skipped, or blocks that lose edges, are found out', async () => {
  await fails(missesNothing(() => new Skipping()))
  await fails(missesNothing(() => new Leftover()))
})
