import { RecentQuantile, type RecentQuantileOptions } from '../../src/learn/recent-quantile.ts'

/** Remembers far more samples than it was told to. */
export class HoardingQuantile extends RecentQuantile {
  constructor(options: RecentQuantileOptions) {
    super({ ...options, samples: 10_000 })
  }
}
