import type { DiscoveredFile } from '../file.ts'
import type { FileBatch } from '../plan/batch-strategy.ts'

/** What a commit came to, for those who count and tell it: a `BatchOutcome` without what only the ledger needs. */
export interface DurableOutcome<F extends DiscoveredFile = DiscoveredFile> {
  readonly batch: FileBatch<F>
  readonly worker: number
  readonly complete: boolean
  readonly ms: number
  readonly delivered: readonly { readonly file: F; readonly ms: number; readonly bytes: number }[]
  readonly confirmed: readonly { readonly file: F; readonly ms: number; readonly bytes: number }[]
  readonly quarantined: readonly {
    readonly file: F
    readonly code: string
    readonly message: string
    readonly attempts: number
  }[]
  /** Tries that failed. */
  readonly attempts: { readonly length: number }
}
