import type { PatternFrame } from '../pattern-frame.ts'
import type { RandomSource } from '../random-source.ts'
import { LEAST_DISTANCE } from '../seed-line.ts'

/** Parameters of all patterns that place seeds one by one. */
export interface PlacedParams {
  readonly fragmentCount: number
  readonly minCellDistance: number
  readonly edgePadding: number
}

/** Where a seed might go. */
interface Proposal {
  x: number
  y: number
}

/**
 * Seeds of one polygon, in its frame, as they are placed: within the polygon, away from its box, and from one another.
 */
export class SeedBed {
  /** `x0, y0, x1, y1, …`; those from `placed` on are 0 as yet. */
  readonly seeds: Float64Array
  placed = 0
  /** Seeds are at most this far from the middle. */
  readonly reachX: number
  readonly reachY: number
  /** Wanted between two seeds; never so little that two would be one. */
  readonly distance: number
  readonly #frame: PatternFrame

  constructor(frame: PatternFrame, { fragmentCount, minCellDistance, edgePadding }: PlacedParams) {
    const padding = Math.min(edgePadding / frame.unit, frame.halfWidth / 2, frame.halfHeight / 2)
    this.#frame = frame
    this.seeds = new Float64Array(2 * fragmentCount)
    this.reachX = frame.halfWidth - padding
    this.reachY = frame.halfHeight - padding
    this.distance = Math.max(Math.min(minCellDistance / frame.unit, MOST_DISTANCE), LEAST_DISTANCE)
  }

  /** How many seeds there are to be. */
  get size(): number {
    return this.seeds.length / 2
  }

  /** Whether a seed may stand there, as far as the polygon and its box are concerned. */
  admits(x: number, y: number): boolean {
    return this.admitsBox(x, y) && this.#frame.contains(x, y)
  }

  admitsBox(x: number, y: number): boolean {
    return x >= -this.reachX && x <= this.reachX && y >= -this.reachY && y <= this.reachY
  }

  /** Whether a seed is nearer than `distance`; O(seeds). */
  isNear(x: number, y: number, distance: number): boolean {
    const { seeds } = this
    const square = distance * distance
    for (let at = 2 * this.placed - 2; at >= 0; at -= 2) {
      const dx = seeds[at]! - x
      const dy = seeds[at + 1]! - y
      if (dx * dx + dy * dy < square) return true
    }
    return false
  }

  /** The squared distance to the nearest seed, exactly as long as it is below `enough`; O(seeds). */
  squaredDistance(x: number, y: number, enough: number): number {
    const { seeds } = this
    let least = enough
    for (let at = 2 * this.placed - 2; at >= 0; at -= 2) {
      const dx = seeds[at]! - x
      const dy = seeds[at + 1]! - y
      const square = dx * dx + dy * dy
      if (square < least) least = square
    }
    return least
  }

  add(x: number, y: number): void {
    this.seeds[2 * this.placed] = x
    this.seeds[2 * this.placed + 1] = y
    this.placed++
  }

  /** Proposes any place that keeps away from the box. */
  anywhere(random: RandomSource): (proposal: Proposal) => void {
    return (proposal) => {
      proposal.x = random.within(this.reachX)
      proposal.y = random.within(this.reachY)
    }
  }

  /**
   * Places seeds, until there are `size`, where `propose` proposes: each the first proposal that keeps the distance.
   *
   * After {@link MAX_TRIES_INSIDE} within the polygon, it is the one of them that is farthest from other seeds. Where none of 128 was, places all over the box are tried instead, and where none of 256 was, it
   * is anywhere.
   */
  fill(random: RandomSource, propose = this.anywhere(random), size = this.size): void {
    const anywhere = this.anywhere(random)
    const wanted = this.distance * this.distance
    const proposal = { x: 0, y: 0 }
    while (this.placed < size) {
      let best = -1
      let x = 0
      let y = 0
      let inside = 0
      for (let tries = 0; tries < MAX_TRIES && inside < MAX_TRIES_INSIDE && best < wanted; tries++) {
        if (tries < MAX_TRIES / 2 || inside > 0) propose(proposal)
        else anywhere(proposal)
        if (!this.admits(proposal.x, proposal.y)) continue
        inside++
        const square = this.squaredDistance(proposal.x, proposal.y, wanted)
        if (square <= best) continue
        best = square
        x = proposal.x
        y = proposal.y
      }
      if (inside === 0) {
        anywhere(proposal)
        x = proposal.x
        y = proposal.y
      }
      this.add(x, y)
    }
  }
}

/** More than any two points of the box have. */
const MOST_DISTANCE = 2

const MAX_TRIES = 256
const MAX_TRIES_INSIDE = 32
