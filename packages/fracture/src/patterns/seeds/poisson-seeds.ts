import type { CheckedParamsOf } from '../check-params.ts'
import type { PatternFrame } from '../pattern-frame.ts'
import type { RandomSource } from '../random-source.ts'
import { SeedBed } from './seed-bed.ts'

/**
 * `fragmentCount` seeds in the polygon, about evenly far from one another.
 *
 * Bridson, Fast Poisson disk sampling in arbitrary dimensions (2007): beside a seed taken at random, places one to two distances away are tried, and after `poissonAttempts` in vain it is given up.
 * Here the number of seeds is given and not their distance, so this begins as the side of a cell of mean size, which is too wide, and is made a tenth shorter whenever all seeds have been given up. What
 * {@link MAX_TRIES} tries have not placed goes where it is far from the others.
 */
export function poissonSeeds(
  frame: PatternFrame,
  params: CheckedParamsOf<'poisson'>,
  random: RandomSource,
): Float64Array {
  const bed = new SeedBed(frame, params)
  const { seeds, size } = bed
  bed.fill(random, bed.anywhere(random), 1)
  let distance = Math.max(bed.distance, Math.sqrt(frame.area() / size))
  const active = [0]
  let triesLeft = MAX_TRIES
  while (triesLeft > 0 && bed.placed < size) {
    if (active.length === 0) {
      distance *= 0.9
      for (let seed = 0; seed < bed.placed; seed++) active.push(seed)
    }
    const pick = Math.floor(random.next() * active.length)
    const parent = active[pick]!
    const before = bed.placed
    for (let tries = 0; tries < params.poissonAttempts && triesLeft > 0; triesLeft--) {
      // Any place in the square around the ring, until it is in the ring: all of the ring is equally likely.
      const dx = random.within(2)
      const dy = random.within(2)
      const square = dx * dx + dy * dy
      if (square < 1 || square > 4) continue
      tries++
      const x = seeds[2 * parent]! + distance * dx
      const y = seeds[2 * parent + 1]! + distance * dy
      if (!bed.admitsBox(x, y) || bed.isNear(x, y, distance) || !bed.admits(x, y)) continue
      active.push(bed.placed)
      bed.add(x, y)
      break
    }
    if (bed.placed === before) {
      active[pick] = active[active.length - 1]!
      active.pop()
    }
  }
  bed.fill(random)
  return seeds
}

/** Some milliseconds at most, whatever the polygon. */
const MAX_TRIES = 50_000
