import type { PatternFrame } from '../pattern-frame.ts'
import type { RandomSource } from '../random-source.ts'
import { type PlacedParams, SeedBed } from './seed-bed.ts'

/** `fragmentCount` seeds anywhere in the polygon. */
export function randomSeeds(frame: PatternFrame, params: PlacedParams, random: RandomSource): Float64Array {
  const bed = new SeedBed(frame, params)
  bed.fill(random)
  return bed.seeds
}
