import type { DiscoveryProblem } from '../discovery/discovery.ts'
import type { Books, QuarantineRow, SlowFile } from '../ledger/ledger.ts'
import type { Highlight } from '../processor/processor.ts'
import type { BatchStatistics } from './events.ts'

/** What a job over a tree came to. */
export interface RepositoryProcessingResult {
  readonly jobId: string
  /** Absolute path of the tree. */
  readonly root: string
  /** How often the job was started: 2 when it was resumed once, 0 when its turn never came. */
  readonly starts: number
  readonly books: Books
  /** Delivered files that needed no processing: their kept results stand. */
  readonly reused: number
  /** Files that were in the tree when it was last met, and are gone. */
  readonly removed: number
  /** Whether `discovered = delivered + quarantined + excluded`, each counted on its own. */
  readonly balanced: boolean
  /** Whether it was ended before its time; what was in hand is in the ledger. */
  readonly interrupted: boolean
  /** Of this start. */
  readonly seconds: number
  readonly filesPerSecond: number
  /** Most resident memory the engine and its workers held together, MB. */
  readonly peakRssMb: number
  /** The exported file, or null where nothing was exported. */
  readonly out: string | null
  readonly slowest: readonly SlowFile[]
  /** The largest entries of each list that the processors fill. */
  readonly highlights: readonly Highlight[]
  readonly quarantined: readonly QuarantineRow[]
  /** How many files were excluded for each reason. */
  readonly exclusions: Readonly<Record<string, number>>
  /** Folders and files that discovery could not look into. */
  readonly problems: readonly DiscoveryProblem[]
  readonly statistics: BatchStatistics
}
