import { grown } from './grown.ts'

/**
 * Vertices on the grid and straight segments between them, in columns: first those of the polygon's border, with the inside on their
 * left, then the cuts. Kept from polygon to polygon: once large enough, nothing is allocated.
 */
export class Segments {
  vertexCount = 0
  /** Where vertices are, in steps of the grid: integers. */
  x = new Float64Array(256)
  y = new Float64Array(256)
  count = 0
  /** How many of the segments, and of the vertices, are the polygon's own: an edge of the border has the number of the vertex that it leaves. */
  borderCount = 0
  from = new Int32Array(256)
  to = new Int32Array(256)

  clear(): void {
    this.vertexCount = 0
    this.count = 0
    this.borderCount = 0
  }

  /** Takes the cuts out. */
  clearCuts(): void {
    this.vertexCount = this.borderCount
    this.count = this.borderCount
  }

  /** Makes room for so many vertices. */
  reserve(vertices: number): void {
    this.x = grown(this.x, vertices)
    this.y = grown(this.y, vertices)
  }

  /** The number of a new vertex. */
  addVertex(x: number, y: number): number {
    const vertex = this.vertexCount++
    if (vertex >= this.x.length) this.reserve(vertex + 1)
    this.x[vertex] = x
    this.y[vertex] = y
    return vertex
  }

  add(from: number, to: number): void {
    const segment = this.count++
    if (segment >= this.from.length) {
      this.from = grown(this.from, segment + 1)
      this.to = grown(this.to, segment + 1)
    }
    this.from[segment] = from
    this.to[segment] = to
  }
}
