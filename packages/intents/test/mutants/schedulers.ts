import type * as gateModule from '@millrace/kernel/admit/gate'
import type * as batcherModule from '@millrace/kernel/batch/batcher'
import type * as bisectModule from '@millrace/kernel/execute/bisect'
import { withPart } from '@millrace/kernel/test/with-part'
import type * as schedulerModule from '../../src/create-batch-scheduler.ts'
import type * as endingsModule from '../../src/deliver/endings.ts'
import type * as batchWriterModule from '../../src/execute/batch-writer.ts'
import type * as ageLineModule from '../../src/queue/age-line.ts'
import type * as chainsModule from '../../src/queue/key-chains.ts'
import type { Sink } from '../../src/sink/sink.ts'
import type { CreateScheduler } from '../scheduler/rig.ts'

const sources = new URL('../../src/', import.meta.url)

async function schedulerWith<Part>(part: string, change: (original: Part) => Partial<Part>): Promise<CreateScheduler> {
  const rebuilt = await withPart<typeof schedulerModule, Part>(sources, 'create-batch-scheduler.ts', part, change)
  return rebuilt.createBatchScheduler
}

const withWriter = (
  change: (options: batchWriterModule.BatchWriterOptions) => Partial<batchWriterModule.BatchWriterOptions>,
) =>
  schedulerWith<typeof batchWriterModule>('execute/batch-writer.ts', ({ BatchWriter }) => ({
    BatchWriter: class extends BatchWriter {
      constructor(options: batchWriterModule.BatchWriterOptions) {
        super({ ...options, ...change(options) })
      }
    },
  }))

const withSink = (change: (sink: Sink) => Partial<Sink>) =>
  withWriter(({ sink }) => ({
    sink: {
      open: (definitions) => sink.open(definitions),
      write: (batch, signal) => sink.write(batch, signal),
      failureOf: (error) => sink.failureOf(error),
      ping: (signal) => sink.ping(signal),
      close: () => sink.close(),
      [Symbol.asyncDispose]: () => sink.close(),
      ...change(sink),
    },
  }))

/** Callers hear that it is committed when it is sent. */
export const settlesEarly = () =>
  withWriter(({ sink, onCommitted }) => ({
    sink: Object.assign(Object.create(sink) as Sink, {
      failureOf: (error: unknown) => sink.failureOf(error),
      write(batch: Parameters<Sink['write']>[0], signal: AbortSignal) {
        onCommitted(batch, new Map())
        return sink.write(batch, signal)
      },
    }),
  }))

/** No answer is taken for a no: everything is written again, with a key or without. */
export const writesAgain = () =>
  withSink((sink) => ({
    failureOf(error) {
      const failure = sink.failureOf(error)
      return failure === 'unknown' ? 'transient' : failure
    },
  }))

/** What was given up counts as not written. */
export const believesInNothing = () =>
  withWriter(({ onFailed }) => ({
    onFailed: (batch, item, error) =>
      onFailed(batch, item, error.code === 'OUTCOME_UNKNOWN' ? Object.assign(error, { code: 'WRITE_FAILED' }) : error),
  }))

/** An entry that has ended is ended again. */
export const endsTwice = () =>
  schedulerWith<typeof endingsModule>('deliver/endings.ts', ({ Endings }) => ({
    Endings: class extends Endings {
      readonly #options: endingsModule.EndingsOptions

      constructor(options: endingsModule.EndingsOptions) {
        super(options)
        this.#options = options
      }

      override failed(...[entry, error]: Parameters<endingsModule.Endings['failed']>): void {
        super.failed(entry, error)
        this.#options.meter.failed++
      }
    },
  }))

/** Nothing waits behind another of its key. */
export const skipsChains = () =>
  schedulerWith<typeof chainsModule>('queue/key-chains.ts', ({ KeyChains }) => ({
    KeyChains: class extends KeyChains {
      override enter(): undefined {
        return undefined
      }
    },
  }))

/** What is behind one that was withdrawn overtakes those before it. */
export const breaksChains = () =>
  schedulerWith<typeof chainsModule>('queue/key-chains.ts', ({ KeyChains }) => ({
    KeyChains: class extends KeyChains {
      override unlink(entry: Parameters<chainsModule.KeyChains['unlink']>[0]): void {
        this.leave(entry)
      }
    },
  }))

/** Searches for what is at fault from the end. */
export const searchesBackwards = () =>
  schedulerWith<typeof bisectModule>('@millrace/kernel/execute/bisect', ({ Bisect }) => ({
    Bisect: class extends Bisect {
      readonly #count: number
      #left: number

      constructor(count: number) {
        super(count)
        this.#count = count
        this.#left = count
      }

      override next() {
        return this.#left === 0 ? undefined : { from: this.#left - 1, to: this.#left }
      }

      override passed(): void {
        this.#left--
      }

      override failed(): number {
        return Math.min(this.#count, this.#left--)
      }
    },
  }))

/** Lets in whoever comes. */
export const knowsNoBounds = () =>
  schedulerWith<typeof gateModule>('@millrace/kernel/admit/gate', ({ Gate }) => ({
    Gate: class<T> extends Gate<T> {
      constructor(options: gateModule.GateOptions<T>) {
        super({ ...options, maxItems: 1e9, maxBytes: 1e12 })
      }
    },
  }))

/** The window begins anew with each intent. */
export const debounces = () =>
  schedulerWith<typeof batcherModule>('@millrace/kernel/batch/batcher', ({ Batcher }) => ({
    Batcher: class<T> extends Batcher<T> {
      #maxAgeMs = Number.POSITIVE_INFINITY
      #lastAt = 0

      override get dueAt(): number {
        return this.size === 0 ? Number.POSITIVE_INFINITY : this.#lastAt + this.#maxAgeMs
      }

      override add(item: T, bytes: number, now: number): boolean {
        const isAdded = super.add(item, bytes, now)
        if (isAdded) this.#lastAt = now
        return isAdded
      }

      override configure(options: Partial<batcherModule.BatcherOptions>): void {
        super.configure(options)
        // The constructor of what it extends calls this before it has fields.
        if (#maxAgeMs in this) this.#maxAgeMs = options.maxAgeMs ?? this.#maxAgeMs
      }
    },
  }))

/** A batch leaves with one more than it may have. */
export const takesOneMore = () =>
  schedulerWith<typeof batcherModule>('@millrace/kernel/batch/batcher', ({ Batcher }) => ({
    Batcher: class<T> extends Batcher<T> {
      override configure(options: Partial<batcherModule.BatcherOptions>): void {
        super.configure(options.maxItems === undefined ? options : { ...options, maxItems: options.maxItems + 1 })
      }
    },
  }))

/** Drops the newest. */
export const dropsTheNewest = () =>
  schedulerWith<typeof ageLineModule>('queue/age-line.ts', ({ AgeLine }) => ({
    AgeLine: class extends AgeLine {
      readonly #all: Parameters<ageLineModule.AgeLine['push']>[0][] = []

      override push(entry: Parameters<ageLineModule.AgeLine['push']>[0]): void {
        this.#all.push(entry)
      }

      override oldest() {
        return this.#all.findLast(({ isWaiting }) => isWaiting)
      }
    },
  }))

/** Waits as chance has it. */
export const jitters = () => withWriter(() => ({ random: Math.random }))
