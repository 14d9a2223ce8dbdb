import { type Corners, turn } from './corners.ts'

/**
 * Cuts a polygon into triangles in its own winding, by numbers of corners, without a rounded decision: wherever its rings are simple, there is
 * always an ear to cut off, and the last triangle is what is left. A hole may touch another ring in a point.
 *
 * O(n²) as a rule, O(n³) at worst: for the few polygons that a faster algorithm leaves. Meisters 1975, "Polygons have ears"; holes are joined
 * to the ring around them by bridges, leftmost first (Eberly 2002).
 */
export function clipEars(corners: Corners): Uint32Array {
  const border = new Border(corners)
  return border.clip()
}

/** The border of what is left, as a ring of nodes; a corner at the end of a bridge has several. */
class Border {
  readonly #coords: readonly number[]
  readonly #winding: number
  /** Of each node, its corner and the nodes beside it. */
  readonly #corner: number[] = []
  readonly #next: number[] = []
  readonly #prev: number[] = []
  /** A node of each ring that is not joined to the first yet. */
  readonly #islands: number[]

  constructor({ coords, ringEnds, winding }: Corners) {
    this.#coords = coords
    this.#winding = winding
    const leftmost: number[] = []
    let start = 0
    for (const end of ringEnds) {
      let first = start
      for (let node = start; node < end; node++) {
        this.#corner.push(node)
        this.#next.push(node + 1 < end ? node + 1 : start)
        this.#prev.push(node > start ? node - 1 : end - 1)
        if (this.#compare(node, first) < 0) first = node
      }
      leftmost.push(first)
      start = end
    }
    this.#islands = leftmost.slice(1).sort((a, b) => this.#compare(a, b))
    while (this.#islands.length > 0) if (!this.#merge() && !this.#bridge()) break
  }

  clip(): Uint32Array {
    const triangles: number[] = []
    let node = 0
    let left = this.#size()
    for (let tries = 0; left > 2 && tries < left; tries++) {
      const prev = this.#prev[node]!
      const next = this.#next[node]!
      if (this.#turn(prev, node, next) > 0 && (left === 3 || this.#isDiagonal(prev, next))) {
        triangles.push(this.#corner[prev]!, this.#corner[node]!, this.#corner[next]!)
        this.#link(prev, next)
        left--
        tries = -1
      }
      node = next
    }
    return new Uint32Array(triangles)
  }

  /** Opens the ring where an island touches it, and lets it go around that. */
  #merge(): boolean {
    for (const [place, start] of this.#islands.entries()) {
      let node = 0
      do {
        let touching = start
        do {
          if (this.#compare(node, touching) === 0 && this.#opensTo(node, this.#next[touching]!)) {
            const end = this.#copy(node)
            this.#link(end, this.#next[node]!)
            this.#link(this.#prev[touching]!, end)
            this.#link(node, this.#next[touching]!)
            this.#islands.splice(place, 1)
            return true
          }
          touching = this.#next[touching]!
        } while (touching !== start)
        node = this.#next[node]!
      } while (node !== 0)
    }
    return false
  }

  /** Joins the leftmost island to a node that it sees; left of it there is nothing but the ring. */
  #bridge(): boolean {
    const island = this.#islands[0]!
    let node = 0
    do {
      if (this.#isDiagonal(node, island)) {
        this.#join(node, island)
        return true
      }
      node = this.#next[node]!
    } while (node !== 0)
    return false
  }

  #join(node: number, island: number): void {
    const back = this.#copy(node)
    const end = this.#copy(island)
    this.#link(back, this.#next[node]!)
    this.#link(this.#prev[island]!, end)
    this.#link(node, island)
    this.#link(end, back)
    this.#islands.shift()
  }

  /** Whether the straight line between two nodes lies within the border, and touches it nowhere but at its ends. */
  #isDiagonal(a: number, b: number): boolean {
    if (!this.#opensTo(a, b) || !this.#opensTo(b, a)) return false
    if (!this.#passes(a, a, b)) return false
    for (const island of this.#islands) if (!this.#passes(island, a, b)) return false
    return true
  }

  /** Whether the line from `a` to `b` begins between the two sides that meet in `a`. */
  #opensTo(a: number, b: number): boolean {
    const prev = this.#prev[a]!
    const next = this.#next[a]!
    const afterNext = this.#turn(a, next, b) > 0
    const beforePrev = this.#turn(prev, a, b) > 0
    return this.#turn(prev, a, next) >= 0 ? afterNext && beforePrev : afterNext || beforePrev
  }

  /** Whether the line between `a` and `b` neither crosses a side of the ring of `start` nor goes through one of its corners. */
  #passes(start: number, a: number, b: number): boolean {
    let c = start
    do {
      const d = this.#next[c]!
      const bend = this.#turn(a, b, c)
      if (bend === 0) {
        if (this.#compare(a, c) * this.#compare(c, b) > 0) return false
      } else if (bend * this.#turn(a, b, d) < 0 && this.#turn(c, d, a) * this.#turn(c, d, b) < 0) return false
      c = d
    } while (c !== start)
    return true
  }

  #size(): number {
    let size = 0
    let node = 0
    do {
      size++
      node = this.#next[node]!
    } while (node !== 0)
    return size
  }

  #copy(node: number): number {
    return this.#corner.push(this.#corner[node]!) - 1
  }

  #link(node: number, next: number): void {
    this.#next[node] = next
    this.#prev[next] = node
  }

  #turn(a: number, b: number, c: number): number {
    const corner = this.#corner
    return Math.sign(turn(this.#coords, corner[a]!, corner[b]!, corner[c]!)) * this.#winding
  }

  /** From left to right, and upwards where that says nothing: 0 for nodes in one place. */
  #compare(a: number, b: number): number {
    const i = 2 * this.#corner[a]!
    const j = 2 * this.#corner[b]!
    const byX = this.#coords[i]! - this.#coords[j]!
    return Math.sign(byX || this.#coords[i + 1]! - this.#coords[j + 1]!)
  }
}
