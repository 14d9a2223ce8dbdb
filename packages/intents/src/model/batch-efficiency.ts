import { checkInteger, checkNumber } from '@millrace/kernel/options'

/** What writing costs, all in one unit: round trips, in the specification. */
export interface BatchCosts {
  /** Of one intent that is written alone. @default 3 */
  readonly individual?: number
  /** Of a batch, whatever is in it. @default 3 */
  readonly batch?: number
  /** Of one intent more in a batch; 0.01 to 0.05 in the specification. @default 0.02 */
  readonly operation?: number
}

/**
 * How many times cheaper it is to write `size` intents in one batch than one by one: E(n) = n · individual / (batch + n · operation).
 *
 * A bound, for it counts nothing but these costs: what `millrace intents tune` measures is what there is to be had.
 * @throws {MillraceError} `OPTION_INVALID`.
 */
export function batchEfficiency(size: number, costs: BatchCosts = {}): number {
  const owner = 'batchEfficiency'
  const individual = checkNumber(owner, 'individual', costs.individual ?? 3, { above: 0 })
  const batch = checkNumber(owner, 'batch', costs.batch ?? 3, { above: 0 })
  const operation = checkNumber(owner, 'operation', costs.operation ?? 0.02, { min: 0 })
  return (checkInteger(owner, 'size', size, { min: 1 }) * individual) / (batch + size * operation)
}
