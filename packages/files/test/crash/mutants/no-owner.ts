import { rmSync } from 'node:fs'
import { join } from 'node:path'
import type { Ledger } from '../../../src/ledger/ledger.ts'
import { aroundLedger } from '../around-ledger.ts'
import type { VariantPlaces } from './variant-places.ts'

/** Takes the ledger whoever has it: the other's lock goes with the file it is on. */
export function noOwner(ledger: Ledger, { stateDir }: VariantPlaces): Ledger {
  return aroundLedger(ledger, async (call, proceed) => {
    if (call === 'tryOwn') rmSync(join(stateDir, 'owner.lock'), { force: true })
    return proceed()
  })
}
