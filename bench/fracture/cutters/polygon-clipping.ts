import polygonClipping from 'polygon-clipping'
import type { Cutter } from './cutter.ts'
import { areaOfGeoPolygon, type GeoPolygon, geoPolygonOf } from './geo-polygons.ts'

export const polygonClippingLibrary: Cutter<readonly GeoPolygon[][]> = {
  name: 'polygon-clipping',
  isSplitting: true,
  prepare({ star, cells }) {
    const subject = geoPolygonOf(star)
    const clips = cells.map(({ ring }) => geoPolygonOf(ring))
    return {
      cut: () => clips.map((clip) => polygonClipping.intersection(subject, clip)),
      areasOf: (pieces) => pieces.flatMap((polygons) => polygons.map(areaOfGeoPolygon)),
    }
  },
}
