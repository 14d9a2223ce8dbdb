/** One to run, one to follow. */
const LEAST_EACH = 2

/**
 * How many tasks to hand over at once: as many as keep `workers` busy for `sightMs`, from two each to `most`.
 *
 * Few, as what was handed over is not overtaken any more by what is more urgent; many, as each turn of handing over has
 * its price. `taskMs` is what a task takes; two each, as long as it is not known (NaN).
 */
export function windowLimit(workers: number, taskMs: number, most: number, sightMs: number): number {
  const enough = taskMs >= 0 ? Math.ceil(sightMs / taskMs) : 0
  return Math.min(most, workers * Math.max(LEAST_EACH, enough))
}
