import type { CheckedParamsOf } from './check-params.ts'
import type { RandomSource } from './random-source.ts'

/** Where the points of rings are, as shares of a turn and of the farthest radius. */
export class RingPlaces {
  readonly #radii: readonly number[]
  readonly #points: number
  readonly #variation: number
  readonly #random: RandomSource

  constructor(
    { ringRadii, pointsPerRing, radialVariation }: CheckedParamsOf<'radial' | 'spiderweb'>,
    random: RandomSource,
  ) {
    this.#radii = ringRadii
    this.#points = pointsPerRing
    this.#variation = radialVariation
    this.#random = random
  }

  /** The direction of a point, in turns; with a variation of 1 anywhere up to half way to its neighbours. */
  turnsOf(point: number): number {
    // Of three points, two neighbours might be more than half a turn apart.
    const variation = Math.min(this.#variation, this.#points / 2 - 1)
    return (point + this.#random.within(variation / 2)) / this.#points
  }

  /** The radius of a point of `ring`; with a variation of 1 anywhere up to half way to the nearer of the rings beside it. */
  radiusOf(ring: number): number {
    const radius = this.#radii[ring]!
    const inwards = radius - (this.#radii[ring - 1] ?? 0)
    const outwards = (this.#radii[ring + 1] ?? Number.POSITIVE_INFINITY) - radius
    return radius + this.#random.within((this.#variation / 2) * Math.min(inwards, outwards))
  }
}
