import type { DiscoveredFile } from '../file.ts'

/** What a probe's process is to do: each file so often, in this order, in one process. */
export interface ProbeOrder {
  readonly root: string
  readonly processors: readonly string[]
  readonly base: string
  readonly files: readonly DiscoveredFile[]
  /** Times all files are processed to see whether their records are the same. */
  readonly repeats: number
  /** Times they are processed under other names to see what is kept of them. */
  readonly weighings: number
  /** Whether memory is weighed after each file, not only before the first and after the last: each takes a collection of all garbage. */
  readonly weighsEach: boolean
  /** Said with each message, so that a processor's own are not taken for ours. */
  readonly token: string
}

export type ProbeMessage = { readonly token: string } & (
  | { readonly type: 'begin'; readonly index: number }
  /** SHA-256 of the record, or of code and message where the processor refused the file. */
  | { readonly type: 'record'; readonly pass: number; readonly index: number; readonly digest: string }
  /** Memory that is held after a file and a collection of garbage, bytes; `index` is -1 before the first one. */
  | { readonly type: 'weight'; readonly pass: number; readonly index: number; readonly heldBytes: number }
  | { readonly type: 'over' }
)
