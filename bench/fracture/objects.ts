import type { FractureParams } from '@millrace/fracture'
import { starOf } from './star.ts'

/** What everybody breaks: a star of 32 vertices into 16 Voronoi cells. */
const CELLS = 16
/** As many as may be asked for. */
const MOST_CELLS = 100

/** Something to be broken. */
export interface BreakableObject {
  readonly polygon: Float64Array
  readonly params: FractureParams
}

/** Object number `number`. No two numbers give the same one, so that no cache knows it. */
export function objectOf(number: number): BreakableObject {
  return { polygon: starOf(number), params: { fragmentCount: CELLS, seed: number } }
}

/** An object so large that cutting it takes long: how long, `poison.ts` finds out. */
export function largeObjectOf(number: number, points: number): BreakableObject {
  return { polygon: starOf(number, points), params: { fragmentCount: MOST_CELLS, seed: number } }
}
