import { Histogram } from '../../src/observe/histogram.ts'

/** Counts every value once, however often it is said to have come. */
export class UncountingHistogram extends Histogram {
  override record(value: number, count = 1): void {
    if (count > 0) super.record(value)
  }
}
