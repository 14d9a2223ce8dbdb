import { Batcher, type BatcherOptions, type BatchTrigger, type TakenBatch } from '@millrace/kernel/batch/batcher'
import { SubmissionTimes } from '../observe/submission-times.ts'
import { type Entry, EntryState } from './entry.ts'
import { FairQueue } from './fair-queue.ts'
import { KeyChains } from './key-chains.ts'

/** So few entries that are over are left in the queue. */
const LEAST_SWEPT = 64
/** So many of a key's chain come along into a batch; the others leave its room to other keys. */
const MOST_FOLLOWERS = 16

/** A batch that has left, and is to be written. */
export interface LeavingBatch {
  /** Those to be written, without those that were withdrawn. */
  readonly entries: readonly Entry[]
  /** Of their payloads. */
  readonly bytes: number
  /** Whether any of them has a key or an idempotency key. */
  readonly isNamed: boolean
  /** Whether two of them may have the same key or idempotency key. */
  readonly mayRepeat: boolean
  /** Of those to be written. */
  readonly submitted: SubmissionTimes
  /** For {@link Waiting.over}. */
  readonly taken: TakenBatch<Entry>
}

/**
 * Where entries wait: in the batch that is being accumulated; in the fair queue, when that is full; or in a chain, behind another of their key
 * that has left or waits.
 *
 * As long as anything waits in the queue, the batch is full. Of one key nothing is in two batches at once. Each call is O(1) an entry.
 */
export class Waiting {
  readonly #chains = new KeyChains()
  readonly #queue = new FairQueue<Entry>()
  readonly #batcher: Batcher<Entry>
  /** Entries in the queue that are over. */
  #queuedOver = 0
  #bytes = 0

  constructor(options: BatcherOptions) {
    this.#batcher = new Batcher(options)
  }

  /** Entries in the batch. */
  get batched(): number {
    return this.#batcher.size
  }

  /** Entries for which the batch has no room. */
  get queued(): number {
    return this.#queue.size
  }

  /** Bytes of all that waits. */
  get bytes(): number {
    return this.#bytes
  }

  /** Whether no more fits into the batch. */
  get isFull(): boolean {
    return this.#queue.size > 0 || this.#batcher.trigger(Number.NEGATIVE_INFINITY, false) !== undefined
  }

  /** When the age of the first entry of the batch makes it leave. */
  get dueAt(): number {
    return this.#batcher.dueAt
  }

  configure(options: Partial<BatcherOptions>): void {
    this.#batcher.configure(options)
    this.#refill()
  }

  trigger(now: number, isIdle: boolean): BatchTrigger | undefined {
    return this.#batcher.trigger(now, isIdle)
  }

  add(entry: Entry): void {
    this.#bytes += entry.bytes
    const before = this.#chains.enter(entry)
    if (before === undefined) this.#place(entry)
    else if (before.state === EntryState.BATCHED && this.#batcher.add(entry, entry.bytes, entry.at)) {
      entry.state = EntryState.BATCHED
    } else entry.state = EntryState.CHAINED
  }

  /** An entry that waited, in the state `was`, is over. Nothing is left of it, but in the batch, and of as many in the queue as still wait there. */
  withdrawn(entry: Entry, was: EntryState): void {
    this.#bytes -= entry.bytes
    if (was === EntryState.CHAINED) this.#chains.unlink(entry)
    if (was !== EntryState.QUEUED) return
    this.#leaveChain(entry)
    this.#queuedOver++
    if (this.#queuedOver < LEAST_SWEPT || this.#queuedOver * 2 <= this.#queue.size) return
    this.#queue.sweep(({ state }) => state !== EntryState.OVER)
    this.#queuedOver = 0
  }

  /** The batch leaves as it is, and the next is filled from the queue. */
  take(): LeavingBatch {
    const taken = this.#batcher.take()
    // Before anything else can change what they are.
    const leaving = begin(taken)
    this.#bytes -= leaving.bytes
    this.#refill()
    return leaving
  }

  /** All of a batch are over: those of their keys that waited for it may go on. */
  over({ taken, isNamed }: LeavingBatch): void {
    if (isNamed) {
      // In the order of the batch: an entry leaves when none of its key is before it.
      for (let at = 0; at < taken.count; at++) this.#leaveChain(taken.items[at]!)
    }
    this.#batcher.recycle(taken)
    this.#refill()
  }

  #place(entry: Entry): void {
    if (this.#queue.size === 0 && this.#batcher.add(entry, entry.bytes, entry.at)) entry.state = EntryState.BATCHED
    else {
      entry.state = EntryState.QUEUED
      this.#queue.push(entry)
    }
  }

  /** What waited behind an entry is next of its key. */
  #leaveChain(entry: Entry): void {
    const next = this.#chains.leave(entry)
    if (next === undefined) return
    this.#place(next)
    if (next.state === EntryState.BATCHED) this.#follow(next)
  }

  /** Those behind an entry come along into its batch. */
  #follow(head: Entry): void {
    let follower = head.next
    for (let count = 0; count < MOST_FOLLOWERS && follower?.state === EntryState.CHAINED; count++) {
      if (!this.#batcher.add(follower, follower.bytes, follower.at)) return
      follower.state = EntryState.BATCHED
      follower = follower.next
    }
  }

  #refill(): void {
    for (let head = this.#queue.peek(); head !== undefined; head = this.#queue.peek()) {
      if (head.state === EntryState.OVER) {
        this.#queue.shift()
        this.#queuedOver--
        continue
      }
      if (!this.#batcher.add(head, head.bytes, head.at)) return
      this.#queue.shift()
      head.state = EntryState.BATCHED
      this.#follow(head)
    }
  }
}

/** PERF: all that is to be known of an entry is found in one walk; bench/intents/overhead.bench.ts. */
function begin(taken: TakenBatch<Entry>): LeavingBatch {
  const entries = taken.items.slice(0, taken.count) as Entry[]
  const submitted = new SubmissionTimes()
  let isNamed = false
  let mayRepeat = false
  let live = 0
  let bytes = 0
  for (const entry of entries) {
    if (entry.isNamed) isNamed = true
    if (entry.state === EntryState.OVER) continue
    // What is behind another of its key is in the same batch as that, or waits in the chain.
    if (entry.isNamed) mayRepeat ||= entry.previous !== undefined || entry.idempotencyKey !== undefined
    submitted.add(entry.at)
    entry.state = EntryState.WRITING
    bytes += entry.bytes
    entries[live++] = entry
  }
  entries.length = live
  return { entries, bytes, isNamed, mayRepeat, submitted, taken }
}
