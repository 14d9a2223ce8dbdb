import { type Clock, MillraceError } from '@millrace/kernel'
import type { BatchOutcome, Failure, ItemOutcome, Sink, WriteBatch, WriteItem } from '../../src/sink/sink.ts'

/** What the intents of these tests carry. */
export interface Effect {
  /** What is applied, in this order. */
  readonly ids: readonly number[]
  /** The database refuses every batch with it. */
  readonly isPoison?: boolean
  /** The database applies the others of its batch, and says that its condition does not hold. */
  readonly isRefused?: boolean
}

/** How a write ends. */
export type Ending =
  /** Applied, and answered. */
  | 'commit'
  /** Applied, and the answer is lost. */
  | 'lose'
  /** Not applied, and answered so. */
  | Failure
  /** Not applied, and never answered, whatever the signal says. */
  | 'hang'
  /** As `hang`, but applied long after it was given up. */
  | 'late'
  /** Not applied; answered as `transient` when it is told to give up. */
  | 'heed'

export interface Scripted {
  /** Ms until it ends, at least 0. */
  readonly afterMs?: number
  readonly ending: Ending
}

/** A write as a script sees it. */
export interface ScriptedWrite {
  readonly batch: WriteBatch
  /** Counts all writes, from 1. */
  readonly count: number
  readonly items: readonly WriteItem[]
  readonly at: number
  readonly signal: AbortSignal
}

export type Script = (write: ScriptedWrite) => Scripted | Ending

class ScriptedFailure extends Error {
  override readonly name = 'ScriptedFailure'
  readonly failure: Failure

  constructor(failure: Failure) {
    super(`the script says ${failure}`)
    this.failure = failure
  }
}

const LATE_MS = 2000

/** A sink on the virtual clock that does what a script says, over a database whose contents can be looked at. */
export class ScriptedSink implements Sink {
  readonly writes: ScriptedWrite[] = []
  /** The ids that are in the database, in the order in which they came, and under which key. */
  readonly applied: { readonly id: number; readonly key: string | undefined }[] = []
  /** What a scheduler did that it must not. */
  readonly breaches: string[] = []
  script: Script
  isOpen = false
  closed = 0
  /** So many batches were being written at once. */
  mostUnderWay = 0
  /** What `open` rejects with. */
  openError: Error | undefined
  /** What `open` and `close` wait for. */
  opening: Promise<void> = Promise.resolve()
  closing: Promise<void> = Promise.resolve()
  readonly #clock: Clock
  readonly #idempotency = new Set<string>()
  readonly #underWay = new Map<number, ReadonlySet<string>>()

  constructor(clock: Clock, script: Script = () => 'commit') {
    this.#clock = clock
    this.script = script
  }

  get ids(): readonly number[] {
    return this.applied.map(({ id }) => id)
  }

  async open(): Promise<void> {
    await this.opening
    if (this.openError !== undefined) throw this.openError
    this.isOpen = true
  }

  write(batch: WriteBatch, signal: AbortSignal): Promise<BatchOutcome> {
    const items = batch.waves.flat()
    const write: ScriptedWrite = { batch, items, signal, count: this.writes.length + 1, at: this.#clock.now() }
    this.writes.push(write)
    this.#examine(write)
    const said = this.script(write)
    const { afterMs = 0, ending } = typeof said === 'string' ? { ending: said } : said
    return new Promise((resolve, reject) => {
      const over = () => this.#underWay.delete(batch.id)
      signal.addEventListener('abort', () => {
        over()
        if (ending === 'heed') reject(new ScriptedFailure('transient'))
      })
      const end = () => {
        if (ending === 'hang' || ending === 'heed') return
        if (ending === 'late') {
          this.#clock.after(LATE_MS, () => this.#apply(items))
          return
        }
        over()
        const outcome = ending === 'commit' || ending === 'lose' ? this.#apply(items) : undefined
        if (outcome === undefined) reject(new ScriptedFailure(isFailure(ending) ? ending : 'data'))
        else if (ending === 'lose') reject(new ScriptedFailure('unknown'))
        else resolve(outcome)
      }
      this.#clock.after(afterMs, end)
    })
  }

  failureOf(error: unknown): Failure {
    return error instanceof ScriptedFailure ? error.failure : 'unknown'
  }

  async ping(): Promise<void> {}

  async close(): Promise<void> {
    this.closed++
    await this.closing
    this.isOpen = false
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close()
  }

  /** All of it, or nothing and undefined. */
  #apply(items: readonly WriteItem[]): BatchOutcome | undefined {
    if (items.some(({ payload }) => (payload as Effect).isPoison === true)) return undefined
    const outcome = new Map<WriteItem, ItemOutcome>()
    for (const item of items) {
      const { ids, isRefused } = item.payload as Effect
      const { key, idempotencyKey } = item
      if (isRefused) {
        const error = new MillraceError('CONDITION_FAILED', 'The row was left as it is')
        outcome.set(item, { status: 'failed', error })
      } else if (idempotencyKey !== undefined && this.#idempotency.has(idempotencyKey)) {
        outcome.set(item, { status: 'duplicate', value: undefined })
      } else {
        if (idempotencyKey !== undefined) this.#idempotency.add(idempotencyKey)
        for (const id of ids) this.applied.push({ id, key })
      }
    }
    return outcome
  }

  #examine({ batch, items }: ScriptedWrite): void {
    if (batch.size !== items.length || items.length === 0)
      this.breaches.push(`a batch of ${batch.size} has ${items.length}`)
    for (const wave of batch.waves) {
      for (const nameOf of [(item: WriteItem) => item.key, (item: WriteItem) => item.idempotencyKey]) {
        const names = wave.map(nameOf).filter((name) => name !== undefined)
        if (new Set(names).size < names.length) this.breaches.push(`a wave of batch ${batch.id} has a name twice`)
      }
    }
    const keys = new Set(items.map(({ key }) => key).filter((key) => key !== undefined))
    for (const [id, others] of this.#underWay) {
      if (id !== batch.id && [...keys].some((key) => others.has(key)))
        this.breaches.push(`batches ${id} and ${batch.id} share a key`)
    }
    this.#underWay.set(batch.id, keys)
    this.mostUnderWay = Math.max(this.mostUnderWay, this.#underWay.size)
  }
}

function isFailure(ending: Ending): ending is Failure {
  return ending === 'data' || ending === 'transient' || ending === 'permanent' || ending === 'unknown'
}
