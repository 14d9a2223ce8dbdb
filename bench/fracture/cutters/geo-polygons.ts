import { areaOf } from '../star.ts'

/** A closed line as GeoJSON has it: the last point is the first. */
export type GeoRing = [number, number][]
/** The outer ring, then holes. */
export type GeoPolygon = GeoRing[]

export function geoPolygonOf(coords: ArrayLike<number>): GeoPolygon {
  const ring = Array.from({ length: coords.length / 2 }, (_, point): [number, number] => [
    coords[2 * point]!,
    coords[2 * point + 1]!,
  ])
  return [[...ring, ring[0]!]]
}

export function areaOfGeoPolygon([outer, ...holes]: GeoPolygon): number {
  const area = (ring: GeoRing) => Math.abs(areaOf(ring.flat()))
  return holes.reduce((sum, hole) => sum - area(hole), area(outer!))
}
