import type { LedgerFile } from '../ledger/ledger.ts'
import type { BatchPriority } from '../plan/priority.ts'
import type { ReturnedFile } from './feed.ts'

/** A file that workers gave back, because theirs is another or cannot be read. */
export interface RefusedFile {
  readonly file: LedgerFile
  readonly priority: BatchPriority
  /** What the worker that gave it back last said. */
  readonly code: string
  readonly message: string
  /** What it was to contain. */
  readonly expectedHash: string
  /** The workers that gave it back, each once. */
  readonly by: readonly string[]
  /** When the last of them did, by the clock's `now`. */
  readonly sinceMs: number
}

export type Verdict = 'offer' | 'wait' | 'quarantine'

/** Workers that a file is offered to. */
const WORKERS_ASKED = 3
/** How long a file that every worker there is has given back waits for another one, milliseconds. */
const WAIT_MS = 10_000

/** Which files were given back, and by whom. A file is here from then on until it is offered anew or quarantined; who gave it back is remembered. */
export class Refusals {
  readonly #waiting = new Map<number, RefusedFile>()
  readonly #by = new Map<number, { readonly expectedHash: string; readonly names: readonly string[] }>()

  get size(): number {
    return this.#waiting.size
  }

  /** Takes in that a worker gave a file back. */
  add(file: LedgerFile, priority: BatchPriority, returned: ReturnedFile, by: string, nowMs: number): void {
    const { fileId, code, message, expectedHash } = returned
    const before = this.#by.get(fileId)
    // Where the file has changed since, those who gave it back before may have been right.
    const names = before?.expectedHash === expectedHash ? before.names.filter((name) => name !== by) : []
    const known = { expectedHash, names: [...names, by] }
    this.#by.set(fileId, known)
    this.#waiting.set(fileId, { file, priority, code, message, expectedHash, by: known.names, sinceMs: nowMs })
  }

  waiting(): readonly RefusedFile[] {
    return [...this.#waiting.values()]
  }

  /** Takes files out: they are on their way again, or settled. */
  release(files: readonly RefusedFile[]): void {
    for (const { file } of files) this.#waiting.delete(file.fileId)
  }
}

/** What is to be done with a file that was given back. Pure. */
export function verdictOn({ by, sinceMs }: RefusedFile, workers: readonly string[], nowMs: number): Verdict {
  if (by.length >= WORKERS_ASKED) return 'quarantine'
  if (workers.some((name) => !by.includes(name))) return 'offer'
  return nowMs - sinceMs >= WAIT_MS ? 'quarantine' : 'wait'
}
