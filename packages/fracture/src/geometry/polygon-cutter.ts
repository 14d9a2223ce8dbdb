import { MillraceError } from '@millrace/kernel/errors'
import type { Polygon } from '../polygon/polygon.ts'
import { CutLayer } from './cut-layer.ts'
import type { CutNetwork } from './cut-network.ts'
import { arrangeExactly } from './exact-arrangement.ts'
import { Faces } from './faces.ts'
import { FloatArrangement } from './float-arrangement.ts'
import { GridPolygon } from './grid-polygon.ts'
import { PlanarEdges } from './planar-edges.ts'
import type { Pulse } from './pulse.ts'
import { SegmentBoxes } from './segment-boxes.ts'
import { Segments } from './segments.ts'

/** What of the work is done once the polygon is laid, and once its cuts are arranged. */
const LAID = 0.3
const ARRANGED = 0.7

/**
 * Cuts polygons: what lies in the fields after `cut` are its faces. Kept from polygon to polygon, so that nothing is allocated once all
 * is large enough.
 *
 * All borders and cuts become one planar graph, in which a vertex exists once; faces that share a border share its vertices, and so
 * their coordinates to the bit. Nothing overlaps and nothing is lost, because faces are what the edges leave.
 */
export class PolygonCutter {
  readonly polygon = new GridPolygon()
  readonly segments = new Segments()
  readonly edges = new PlanarEdges()
  readonly faces = new Faces()
  /** Whether all was arranged in doubles. Then vertices of the polygon lie where they were given; else in the middle of their pixel. */
  isFloat = false
  readonly #boxes = new SegmentBoxes()
  readonly #layer = new CutLayer()
  readonly #floats = new FloatArrangement()

  /**
   * Takes the polygon that is to be cut.
   * @throws {MillraceError} `POLYGON_SIZE`, `POLYGON_NO_AREA`, `POLYGON_SELF_INTERSECTS`, `POLYGON_HOLES`.
   */
  lay(polygon: Polygon, pulse: Pulse): void {
    this.polygon.lay(polygon, this.segments, this.#boxes, part(pulse, 0, LAID))
  }

  /**
   * Cuts it by `network`; a face with less than `leastShare` of the mean area is joined to a neighbour.
   * @throws {MillraceError} `POLYGON_SELF_INTERSECTS`, `POLYGON_HOLES`, `POLYGON_NO_AREA` for what only shows when borders that touch are looked at closely.
   */
  cut(network: CutNetwork, leastShare: number, pulse: Pulse): void {
    const { segments, edges } = this
    const arranging = part(pulse, LAID, ARRANGED)
    this.#layer.lay(this.polygon.grid, network, segments)
    this.isFloat = this.polygon.isClear && this.#floats.arrange(segments, this.#boxes, edges, arranging)
    if (!this.isFloat) arrangeExactly(segments, this.polygon.touching, edges, (x, y) => this.#refuse(x, y), arranging)
    this.faces.find(edges, segments.x, segments.y, segments.vertexCount, leastShare, part(pulse, ARRANGED, 1))
    if (this.faces.rings.faceCount === 0) {
      throw new MillraceError('POLYGON_NO_AREA', 'the polygon has no area: nothing is left beside its holes')
    }
  }

  #refuse(x: number, y: number): never {
    const { grid, ringCount } = this.polygon
    const at = { x: grid.originX + x * grid.step, y: grid.originY + y * grid.step }
    if (ringCount === 1) {
      throw new MillraceError(
        'POLYGON_SELF_INTERSECTS',
        `the polygon crosses itself at ${at.x}, ${at.y}: give its points in order along the border`,
        { detail: { ring: 0, ...at } },
      )
    }
    throw new MillraceError(
      'POLYGON_HOLES',
      `rings of the polygon overlap at ${at.x}, ${at.y}: a hole lies inside the outer ring, beside other holes`,
      { detail: at },
    )
  }
}

/** The pulse of a part of the work, from one share to another. */
function part(pulse: Pulse, from: number, to: number): Pulse {
  return (share) => pulse(from + share * (to - from))
}
