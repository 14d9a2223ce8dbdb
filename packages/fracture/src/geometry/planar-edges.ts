import { grown } from './grown.ts'

/**
 * Edges that meet in vertices and nowhere else, in columns: those of the border, with the inside on their left, and those of cuts, with
 * the inside on both sides. Kept from polygon to polygon.
 */
export class PlanarEdges {
  count = 0
  from = new Int32Array(512)
  to = new Int32Array(512)
  /** 1 for an edge of a cut, 0 for one of the border. */
  isCut = new Uint8Array(512)
  /** The segment that each is a part of, or -1 where it may be of several. */
  segment = new Int32Array(512)

  clear(): void {
    this.count = 0
  }

  add(from: number, to: number, isCut: 0 | 1, segment: number): void {
    const edge = this.count++
    if (edge >= this.from.length) this.reserve(edge + 1)
    this.from[edge] = from
    this.to[edge] = to
    this.isCut[edge] = isCut
    this.segment[edge] = segment
  }

  /** Makes room for so many. */
  reserve(edges: number): void {
    this.from = grown(this.from, edges)
    this.to = grown(this.to, edges)
    this.isCut = grown(this.isCut, edges)
    this.segment = grown(this.segment, edges)
  }
}
