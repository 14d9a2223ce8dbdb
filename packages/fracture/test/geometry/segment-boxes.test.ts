import { fails, holds, type Shape } from '@millrace/kernel/test/property'
import fc from 'fast-check'
import { test } from 'vitest'
import { SegmentBoxes } from '../../src/geometry/segment-boxes.ts'
import { Segments } from '../../src/geometry/segments.ts'

/** What the arrangement asks: nothing nearer than this may be missed. */
const NEAR = 4
const MOST = 99
/** What is farther apart is not found: boxes are wider by 4 steps, and end where a column does, of 63 to either side. */
const FAR = 2 * (NEAR + (MOST + NEAR) / 63)

const coordinate = fc.integer({ min: -MOST, max: MOST })
const place = fc.tuple(coordinate, coordinate)
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

/**
 * Every edge of the border whose own box is near that of a cut is in a block that is found for the cut, one after the other or all at once; and each edge is in one block. So is every
 * cut; and none that is far.
 */
const missesNothing = (make: () => Shape<SegmentBoxes>) =>
  fc.property(drawings, ({ rings, cuts }) => {
    const segments = segmentsOf(rings, cuts)
    const boxes = make()
    boxes.addBorder(segments, MOST)
    boxes.addCuts(segments)
    const { x, y, from, to, borderCount, count } = segments
    const { blockStart, firstBlock, endBlock, endCut } = boxes
    const isApart = (one: number, other: number, by: number) =>
      [x, y].some((at) => {
        const [a, b, c, d] = [at[from[one]!]!, at[to[one]!]!, at[from[other]!]!, at[to[other]!]!]
        return Math.max(a, b) + by < Math.min(c, d) || Math.max(c, d) + by < Math.min(a, b)
      })
    if (blockStart[0] !== 0 || blockStart[endBlock - firstBlock] !== borderCount) return false
    for (let one = borderCount; one < count; one++) {
      const found = new Set<number>()
      const box = endBlock + one - borderCount
      const near: number[] = []
      for (let at = boxes.nextNear(box, firstBlock, endCut); at < endCut; at = boxes.nextNear(box, at + 1, endCut)) {
        near.push(at)
      }
      const list = new Int32Array(endCut)
      if (list.subarray(0, boxes.listNear(box, firstBlock, endCut, list)).join() !== near.join()) return false
      for (const at of near) {
        if (at >= endBlock) found.add(at - endBlock + borderCount)
        else
          for (let edge = blockStart[at - firstBlock]!; edge < blockStart[at - firstBlock + 1]!; edge++) found.add(edge)
      }
      for (let other = 0; other < count; other++) {
        if (!found.has(other) && !isApart(one, other, NEAR)) return false
        if (other >= borderCount && found.has(other) && isApart(one, other, FAR)) return false
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

  override addBorder(segments: Segments, most: number): void {
    if (!this.#isUsed) super.addBorder(segments, most)
    this.#isUsed = true
    this.blockStart = this.blockStart.fill(0, 1)
  }
}

/** Boxes what lies farther out than it was told. */
class Overflowing extends SegmentBoxes {
  override addBorder(segments: Segments, most: number): void {
    super.addBorder(segments, most / 4)
  }
}

class Everywhere extends SegmentBoxes {
  override addBorder(segments: Segments, most: number): void {
    super.addBorder(segments, 16 * most)
  }
}

test('boxes that are skipped, too far out or too wide, or blocks that lose edges, are found out', async () => {
  await fails(missesNothing(() => new Skipping()))
  await fails(missesNothing(() => new Leftover()))
  await fails(missesNothing(() => new Overflowing()))
  await fails(missesNothing(() => new Everywhere()))
})
