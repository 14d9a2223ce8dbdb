import polybool, { type PolyBoolPolygon } from 'polybooljs'
import { areaOf } from '../star.ts'
import type { Cutter } from './cutter.ts'

export const polyBool: Cutter<readonly PolyBoolPolygon[]> = {
  name: 'polybooljs',
  isSplitting: true,
  prepare({ star, cells }) {
    // The star is taken apart once, the way its documentation has for one polygon against many.
    const subject = polybool.segments(polygonOf(star))
    const clips = cells.map(({ ring }) => polybool.segments(polygonOf(ring)))
    return {
      cut: () => clips.map((clip) => polybool.polygon(polybool.selectIntersect(polybool.combine(subject, clip)))),
      areasOf: (pieces) => pieces.flatMap(({ regions }) => regions.map((region) => Math.abs(areaOf(region.flat())))),
    }
  },
}

function polygonOf(coords: ArrayLike<number>): PolyBoolPolygon {
  const points = Array.from({ length: coords.length / 2 }, (_, point): [number, number] => [
    coords[2 * point]!,
    coords[2 * point + 1]!,
  ])
  return { regions: [points], inverted: false }
}
