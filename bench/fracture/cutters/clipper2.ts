import { FillRule, intersect, intersectD, type Path, type Paths } from 'clipper2-ts'
import { areaOf } from '../star.ts'
import type { Cutter } from './cutter.ts'

/** Of a unit: products of two differences stay exact in a double, so it need not take its slow way of big integers. */
const SCALE = 10_000
/** Digits behind the point, of which it makes the same scale. */
const PRECISION = 4

/** On integers, scaled beforehand and not scaled back. */
export const clipper2: Cutter<readonly Paths[]> = {
  name: 'clipper2-ts',
  isSplitting: true,
  prepare({ star, cells }) {
    const subject = [pathOf(star, SCALE)]
    const clips = cells.map(({ ring }) => [pathOf(ring, SCALE)])
    return {
      cut: () => clips.map((clip) => intersect(subject, clip, FillRule.NonZero)),
      areasOf: (pieces) => areasOf(pieces, SCALE),
    }
  },
}

/** As its users mostly have it, which scales there and back in every call. */
export const clipper2Doubles: Cutter<readonly Paths[]> = {
  name: 'clipper2-ts on doubles',
  isSplitting: true,
  prepare({ star, cells }) {
    const subject = [pathOf(star, 1)]
    const clips = cells.map(({ ring }) => [pathOf(ring, 1)])
    return {
      cut: () => clips.map((clip) => intersectD(subject, clip, FillRule.NonZero, PRECISION)),
      areasOf: (pieces) => areasOf(pieces, 1),
    }
  },
}

function pathOf(coords: ArrayLike<number>, scale: number): Path {
  return Array.from({ length: coords.length / 2 }, (_, point) => {
    const [x, y] = [coords[2 * point]! * scale, coords[2 * point + 1]! * scale]
    return scale === 1 ? { x, y } : { x: Math.round(x), y: Math.round(y) }
  })
}

/** There are no holes in a star. */
function areasOf(pieces: readonly Paths[], scale: number): number[] {
  return pieces.flat().map((path) => areaOf(path.flatMap(({ x, y }) => [x, y])) / scale ** 2)
}
