import type { BatchConfig } from '../engine/config.ts'
import type { Books } from '../ledger/ledger.ts'
import type { Leg } from './fault-plan.ts'

/** What an engine's process is to do. */
export interface ChaosOrder {
  readonly root: string
  readonly config: BatchConfig
  /** `resume` goes on with the newest job that has not ended, and runs a new one where there is none. */
  readonly mode: 'run' | 'resume'
  readonly faults: Leg
  /** Bytes of each file that is to be damaged, before any was. */
  readonly sizes: Readonly<Record<string, number>>
  /** Where the job is coordinated; in a ledger of the configuration's where there is none. */
  readonly ledger?: { readonly url: string; readonly schema: string }
}

/** What it says of itself, a line of JSON each, written before anything can happen to it. */
export type ChaosLine =
  /** Something settled, or was started: it is alive. */
  | { readonly type: 'alive' }
  | { readonly type: 'worker'; readonly pid: number }
  | {
      readonly type: 'made'
      readonly id: number
      readonly told: string
      /** The process that it was done to, where that is a worker. */
      readonly pid?: number
    }
  /** It stops itself now, and wants to be continued after so long. */
  | { readonly type: 'stopping'; readonly ms: number }
  | { readonly type: 'ended'; readonly books: Books; readonly balanced: boolean; readonly interrupted: boolean }
  | { readonly type: 'failed'; readonly code: string; readonly message: string }
