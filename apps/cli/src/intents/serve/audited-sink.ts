import type { BatchOutcome, Failure, IntentDefinition, Sink, SinkStats, WriteBatch } from '@millrace/intents'
import type { Clock } from '@millrace/kernel/clock'
import type { Logger } from 'pino'

/**
 * A sink that leaves a line in a log for each attempt to write a batch, after it: which intents, by type, key and idempotency key, and how each
 * ended. Payloads are not logged.
 */
export class AuditedSink implements Sink {
  readonly #sink: Sink
  readonly #log: Pick<Logger, 'info' | 'error'>
  readonly #clock: Pick<Clock, 'now'>

  constructor(sink: Sink, log: Pick<Logger, 'info' | 'error'>, clock: Pick<Clock, 'now'>) {
    this.#sink = sink
    this.#log = log
    this.#clock = clock
  }

  async write(batch: WriteBatch, signal: AbortSignal): Promise<BatchOutcome> {
    const from = this.#clock.now()
    try {
      const outcome = await this.#sink.write(batch, signal)
      this.#log.info({ ...this.#facts(batch, from), intents: intentsOf(batch, outcome) }, 'batch-committed')
      return outcome
    } catch (error) {
      const failure = this.#sink.failureOf(error)
      this.#log.error({ ...this.#facts(batch, from), failure, err: error, intents: intentsOf(batch) }, 'batch-failed')
      throw error
    }
  }

  get stats(): SinkStats | undefined {
    return this.#sink.stats
  }

  open(definitions: readonly IntentDefinition[]): Promise<void> {
    return this.#sink.open(definitions)
  }

  failureOf(error: unknown): Failure {
    return this.#sink.failureOf(error)
  }

  ping(signal: AbortSignal): Promise<void> {
    return this.#sink.ping(signal)
  }

  close(): Promise<void> {
    return this.#sink.close()
  }

  [Symbol.asyncDispose](): PromiseLike<void> {
    return this.#sink[Symbol.asyncDispose]()
  }

  #facts({ id, size }: WriteBatch, from: number) {
    return { batch: id, size, ms: Math.round((this.#clock.now() - from) * 1000) / 1000 }
  }
}

function intentsOf({ waves }: WriteBatch, outcome?: BatchOutcome) {
  return waves.flat().map((item) => {
    const end = outcome?.get(item)
    const { definition, key, idempotencyKey } = item
    return {
      type: definition.type,
      ...(key !== undefined && { key }),
      ...(idempotencyKey !== undefined && { idempotencyKey }),
      ...(outcome !== undefined && { status: end?.status ?? 'committed' }),
      ...(end?.status === 'failed' && { code: end.error.code }),
    }
  })
}
