import type { Clock, Timer } from '@millrace/kernel/clock'
import { MillraceError } from '@millrace/kernel/errors'
import type { IntentDefinition } from '../../intent/define-intent.ts'
import type { BatchOutcome, Sink, SinkStats, WriteBatch } from '../sink.ts'
import { checkTargets } from './check-targets.ts'
import { failureOf } from './database-failure.ts'
import { Idempotency } from './idempotency.ts'
import type { SessionWatch } from './session-watch.ts'
import { Sessions, type SinkSession } from './sessions.ts'
import { plain } from './sql-session.ts'
import type { TargetWriter } from './statements/shape.ts'
import { migrate, setUpTables } from './tables.ts'
import { writeBatch } from './write-batch.ts'
import { writerOf } from './writer-of.ts'

/** Ms between two looks for keys that are too old, and how many are deleted at a time. */
const PRUNE_EVERY_MS = 60_000
const PRUNE_AT_ONCE = 5000

/** What a {@link SqlSink} is made of. */
export interface SqlSinkOptions {
  /** @throws {MillraceError} `SINK_UNREACHABLE`. */
  readonly openSession: () => Promise<SinkSession>
  readonly sessions: number
  /** Of Millrace's own tables. */
  readonly schema: string
  readonly keepKeysMs: number
  readonly clock: Clock
  /** Statements that are run before anything else. */
  readonly setUp?: readonly string[] | undefined
  /** Looks at the sessions that write. Without it, none ever waits for another's lock. */
  readonly watch?: SessionWatch
}

/** Writes batches to a database by SQL, whatever its sessions are. */
export class SqlSink implements Sink {
  readonly #options: SqlSinkOptions
  readonly #sessions: Sessions
  readonly #idempotency: Idempotency
  readonly #writers = new Map<IntentDefinition, TargetWriter>()
  #pruning: Timer | undefined
  #closed = false

  constructor(options: SqlSinkOptions) {
    this.#options = options
    this.#sessions = new Sessions(options.openSession, options.sessions)
    this.#idempotency = new Idempotency(options.schema)
  }

  get stats(): SinkStats {
    return this.#options.watch?.stats ?? { lockWaitMs: 0 }
  }

  async open(definitions: readonly IntentDefinition[]): Promise<void> {
    await this.#with(undefined, async (session) => {
      const { setUp = [], schema } = this.#options
      if (setUp.length > 0) await setUpTables(session, schema, setUp)
      await checkTargets(session, definitions)
      await migrate(session, schema)
    })
    for (const definition of definitions) this.#writers.set(definition, writerOf(definition.target))
    this.#pruneLater()
  }

  write(batch: WriteBatch, signal: AbortSignal): Promise<BatchOutcome> {
    const { watch } = this.#options
    return this.#with(signal, async (session) => {
      watch?.begun(session)
      try {
        return await writeBatch(session, this.#writers, this.#idempotency, batch)
      } finally {
        watch?.ended(session)
      }
    })
  }

  failureOf(error: unknown) {
    return failureOf(error)
  }

  ping(signal: AbortSignal): Promise<void> {
    return this.#with(signal, async (session) => void (await session.run([plain('SELECT 1')])))
  }

  async close(): Promise<void> {
    this.#closed = true
    this.#pruning?.cancel()
    await Promise.all([this.#sessions.close(), this.#options.watch?.close()])
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close()
  }

  async #with<T>(signal: AbortSignal | undefined, use: (session: SinkSession) => Promise<T>): Promise<T> {
    if (this.#closed) throw closed()
    // PERF: a batch is sent before anything else happens, where a session is free; bench/intents/throughput.bench.ts.
    const session = this.#sessions.tryTake() ?? (await this.#take(signal))
    if (signal?.aborted) {
      this.#sessions.give(session)
      throw givenUp(signal.reason)
    }
    const abort = () => session.cancel()
    signal?.addEventListener('abort', abort, { once: true })
    try {
      return await use(session)
    } catch (error) {
      await session.rollBack()
      throw error
    } finally {
      signal?.removeEventListener('abort', abort)
      if (this.#closed) await session.close()
      this.#sessions.give(session)
    }
  }

  async #take(signal: AbortSignal | undefined): Promise<SinkSession> {
    try {
      return await this.#sessions.take(signal)
    } catch (error) {
      if (error instanceof MillraceError) throw error
      throw givenUp(error)
    }
  }

  #pruneLater(): void {
    if (this.#closed) return
    const { clock, keepKeysMs } = this.#options
    this.#pruning = clock.after(PRUNE_EVERY_MS, async () => {
      // Never in the way of a batch: on a session that is free, a little at a time.
      try {
        while (this.#sessions.hasFree && !this.#closed) {
          const [pruned] = await this.#with(undefined, (session) =>
            session.run([this.#idempotency.prune(keepKeysMs, PRUNE_AT_ONCE)]),
          )
          if (!(Number(pruned?.tag.split(' ')[1]) >= PRUNE_AT_ONCE)) break
        }
      } catch {
        // The next time will do.
      }
      this.#pruneLater()
    })
  }
}

function givenUp(cause: unknown): MillraceError {
  return new MillraceError('WRITE_ABORTED', 'The batch was given up before any of it was sent', {
    detail: { failure: 'transient' },
    cause,
  })
}

function closed(): MillraceError {
  return new MillraceError('SINK_CLOSED', 'The sink is closed and writes no more; make a new one', {
    detail: { failure: 'transient' },
  })
}
