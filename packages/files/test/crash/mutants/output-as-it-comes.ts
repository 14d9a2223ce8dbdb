import { appendFileSync } from 'node:fs'
import type { Checkpoint, Ledger } from '../../../src/ledger/ledger.ts'
import { aroundLedger } from '../around-ledger.ts'
import type { VariantPlaces } from './variant-places.ts'

/** Appends a batch's results to the output before its checkpoint; what is killed between the two is appended again. */
export function outputAsItComes(ledger: Ledger, { out }: VariantPlaces): Ledger {
  return aroundLedger(ledger, async (call, proceed, args) => {
    if (call === 'commit') {
      const [, checkpoint] = args as [string, Checkpoint]
      appendFileSync(out, checkpoint.deliveries.map(({ record }) => `${record}\n`).join(''))
    }
    return proceed()
  })
}
