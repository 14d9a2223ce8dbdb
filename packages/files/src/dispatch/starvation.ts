import { MillraceError } from '@millrace/kernel/errors'
import type { ExecutorReport, FileFailed } from '../worker/executor.ts'
import { exhaustedRead } from './exhaustion.ts'

/** Counts the files that in a row could not be read for want of something that may come back. A file counts once. */
export class Starvation<F> {
  readonly #starved = new Set<F>()
  #last: FileFailed | undefined
  #anyRead = false

  get files(): number {
    return this.#starved.size
  }

  /** Whether any file could be read. */
  get anyRead(): boolean {
    return this.#anyRead
  }

  /** What the latest of them failed with. */
  get error(): MillraceError | undefined {
    if (this.#last === undefined) return undefined
    return new MillraceError('FILE_READ_FAILED', this.#last.message, { detail: this.#last.evidence })
  }

  /** Takes in a report on `files`. PERF: without a failure in it this costs two comparisons. */
  take(files: readonly F[], { delivered, confirmed, failed }: ExecutorReport): void {
    let lastRead = Math.max(delivered.at(-1)?.index ?? -1, confirmed.at(-1)?.index ?? -1)
    for (const one of failed) if (exhaustedRead(one) === undefined) lastRead = Math.max(lastRead, one.index)
    if (lastRead !== -1) {
      this.#anyRead = true
      this.clear()
    }
    for (const one of failed) {
      if (one.index < lastRead || exhaustedRead(one) === undefined) continue
      this.#starved.add(files[one.index]!)
      this.#last = one
    }
  }

  clear(): void {
    this.#starved.clear()
  }
}
