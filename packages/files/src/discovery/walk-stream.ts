import { Worker } from 'node:worker_threads'
import { MillraceError } from '@millrace/kernel/errors'
import { entryUrl } from '../entry-url.ts'
import { unpackChunk, type WireChunk } from './chunk-wire.ts'
import type { WalkOptions } from './discover-options.ts'
import type { DiscoveryChunk } from './discovery.ts'
import type { WalkThreadData } from './walk-thread.ts'

/**
 * The reader's end of a walk in a thread: hands out its chunks in order and lets it run at most a few chunks ahead.
 *
 * The thread holds the process open only while somebody waits for a chunk.
 */
export class WalkStream implements AsyncDisposable {
  readonly #worker: Worker
  readonly #taken = new Int32Array(new SharedArrayBuffer(Int32Array.BYTES_PER_ELEMENT))
  readonly #chunks: WireChunk[] = []
  #ended = false
  #failure: { readonly reason: unknown } | undefined
  #wake: () => void = () => {}

  constructor(root: string, options: WalkOptions) {
    const workerData: WalkThreadData = { root, options, taken: this.#taken }
    // The process's own flags are not for the thread: with `--input-type`, for one, no file could be its entry.
    const resourceLimits = { maxYoungGenerationSizeMb: 16 }
    const threadOptions = { name: 'millrace-walk', workerData, execArgv: [], resourceLimits }
    this.#worker = new Worker(entryUrl('./walk-thread', import.meta.url), threadOptions)
    this.#worker.unref()
    this.#worker.on('message', (chunk: WireChunk) => {
      this.#chunks.push(chunk)
      this.#wake()
    })
    this.#worker.on('error', (cause) => this.#die(root, cause instanceof Error ? cause.message : String(cause), cause))
    this.#worker.on('exit', (code) => {
      if (code !== 0) this.#die(root, `its thread ended with code ${code}`)
      this.#ended = true
      this.#wake()
    })
  }

  /** The next chunk, or null at the walk's end. */
  async next(): Promise<DiscoveryChunk | null> {
    for (;;) {
      if (this.#failure !== undefined) throw this.#failure.reason
      const chunk = this.#chunks.shift()
      if (chunk !== undefined) {
        Atomics.add(this.#taken, 0, 1)
        Atomics.notify(this.#taken, 0)
        return unpackChunk(chunk)
      }
      if (this.#ended) return null
      this.#worker.ref()
      await new Promise<void>((resolve) => {
        this.#wake = resolve
      })
      this.#worker.unref()
    }
  }

  /** Ends the thread at once; every further `next` throws `reason`. */
  fail(reason: unknown): void {
    this.#failure ??= { reason }
    this.#wake()
    void this.#worker.terminate()
  }

  #die(root: string, how: string, cause?: unknown): void {
    const message = `The walk through "${root}" broke off: ${how}. Its list is not complete; run it again.`
    this.fail(new MillraceError('DISCOVERY_FAILED', message, { detail: { root }, cause }))
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#worker.terminate()
  }
}
