import type { Ledger } from '../../../src/ledger/ledger.ts'
import { acknowledgedEarly } from './acknowledged-early.ts'
import { checkpointBeforeResults } from './checkpoint-before-results.ts'
import { noOwner } from './no-owner.ts'
import { outputAsItComes } from './output-as-it-comes.ts'
import { stampAtCommit } from './stamp-at-commit.ts'
import { treeNotMet } from './tree-not-met.ts'
import type { VariantPlaces } from './variant-places.ts'

/** A way to run the engine: as it is, or broken on purpose. */
interface VariantParts {
  readonly ledger: (ledger: Ledger, places: VariantPlaces) => Ledger
  /** Whether the engine exports; if not, the ledger's wrapper writes the output. */
  readonly exports: boolean
}

export const VARIANTS = {
  real: { ledger: (ledger) => ledger, exports: true },
  'acknowledged early': { ledger: acknowledgedEarly, exports: true },
  'checkpoint before results': { ledger: checkpointBeforeResults, exports: true },
  'no owner check': { ledger: noOwner, exports: true },
  'stamp at commit': { ledger: stampAtCommit, exports: true },
  'tree not met': { ledger: treeNotMet, exports: true },
  'output as it comes': { ledger: outputAsItComes, exports: false },
} as const satisfies Record<string, VariantParts>

export type Variant = keyof typeof VARIANTS
