import { Gate } from '@millrace/kernel/admit/gate'
import type { DiscoveredFile } from '../file.ts'
import type { FileBatch } from '../plan/batch-strategy.ts'
import { type BatchOutcome, settledIn } from './outcome.ts'
import type { ResourceBreaker } from './resource-breaker.ts'

export interface CommitLineOptions<F extends DiscoveredFile> {
  /** Makes an outcome durable. */
  readonly commit: (outcome: BatchOutcome<F>) => Promise<void>
  /** Says when a commit that failed for exhaustion is tried again. */
  readonly breaker: ResourceBreaker
  /** A commit has failed for good. */
  readonly onFailure: (error: unknown) => void
  /** An outcome has left the line. */
  readonly onLeft: () => void
}

interface Owed {
  readonly admitted: Promise<void>
  readonly left: Promise<void>
}

/** Records that may wait for the ledger, characters; past it workers are not given more. */
const UNCOMMITTED_CHARS = 64 * 1024 * 1024

/**
 * The way of outcomes into the ledger, and how far each worker is ahead of it.
 *
 * Outcomes of one batch are committed one after another, in the order they were added; those of different batches side by side. One that fails
 * for exhaustion stays in its place and is tried again, for as long as it takes.
 */
export class CommitLine<F extends DiscoveredFile> {
  readonly #options: CommitLineOptions<F>
  readonly #gate = new Gate<BatchOutcome<F>>({ maxBytes: UNCOMMITTED_CHARS, bytesOf: recordChars, whenFull: 'wait' })
  /** By worker, what of its work is not durable; a worker that takes over a dead one's number takes over this too. */
  readonly #owed = new Map<number, Map<BatchOutcome<F>, Owed>>()
  /** When the latest outcome of a batch has left. */
  readonly #latest = new WeakMap<FileBatch<F>, Promise<void>>()
  #size = 0
  #patient = true
  #open = true

  constructor(options: CommitLineOptions<F>) {
    this.#options = options
  }

  /** Outcomes on their way. */
  get size(): number {
    return this.#size
  }

  add(outcome: BatchOutcome<F>): void {
    this.#size++
    const admitted = this.#gate.admit(outcome)
    const left = Promise.all([admitted, this.#latest.get(outcome.batch)])
      .then(() => this.#bring(outcome))
      .catch(this.#options.onFailure)
      .finally(() => {
        this.#size--
        this.#gate.release(outcome)
        this.#owed.get(outcome.worker)?.delete(outcome)
        this.#options.onLeft()
      })
    this.#latest.set(outcome.batch, left)
    const owed = this.#owed.get(outcome.worker) ?? new Map<BatchOutcome<F>, Owed>()
    owed.set(outcome, { admitted, left })
    this.#owed.set(outcome.worker, owed)
  }

  /**
   * Settles when a worker may have the next `next` files, of `batch`: when all it has done is durable but for one outcome, which has room in
   * the ledger's queue, and that and the next files together are no more than one batch. That is what a kill can undo.
   *
   * The outcome before the newest has had half a batch's time, so a ledger that keeps pace makes nobody wait. Where it is slower, the worker waits.
   */
  async mayGoOn(worker: number, next: number, batch: FileBatch<F>): Promise<void> {
    const owed = this.#owed.get(worker)
    while (owed !== undefined && tooMuch(owed, next, batch))
      await Promise.race(Array.from(owed.values(), ({ left }) => left))
    for (const { admitted } of owed?.values() ?? []) await admitted
  }

  /** Settles when all that is in the line now has left it. */
  async settled(): Promise<void> {
    const all: Promise<void>[] = []
    for (const owed of this.#owed.values()) for (const { left } of owed.values()) all.push(left)
    await Promise.all(all)
  }

  /** Gives every outcome one more try, now; from here on a failure is final, whatever ran out. */
  hurry(): void {
    this.#patient = false
    this.#options.breaker.dispose()
  }

  /** Commits nothing more that is not under way. */
  abandon(): void {
    this.#open = false
    this.#options.breaker.dispose()
  }

  #bring(outcome: BatchOutcome<F>): Promise<void> {
    const { breaker, commit } = this.#options
    const attempt = async () => {
      if (this.#open) await commit(outcome)
    }
    return breaker.insist(attempt, () => this.#open && this.#patient)
  }
}

function tooMuch(owed: ReadonlyMap<BatchOutcome, unknown>, next: number, { files }: FileBatch): boolean {
  if (owed.size > 1) return true
  for (const outcome of owed.keys()) {
    return settledIn(outcome) + next > Math.max(outcome.batch.files.length, files.length)
  }
  return false
}

/** Half a batch's files: as many as wait for a checkpoint before there is one. */
export function halfOf({ files }: FileBatch): number {
  return Math.ceil(files.length / 2)
}

function recordChars(outcome: BatchOutcome): number {
  let chars = 0
  for (const { record } of outcome.delivered) chars += record.length
  return chars
}
