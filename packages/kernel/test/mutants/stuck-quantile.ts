import { Quantile } from '../../src/learn/quantile.ts'

/** Its markers never move: it stays with what the first five samples say. */
export class StuckQuantile extends Quantile {
  override observe(sample: number): void {
    if (this.count < 5) super.observe(sample)
  }
}
