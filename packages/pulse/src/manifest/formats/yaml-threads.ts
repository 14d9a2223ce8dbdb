import { extname } from 'node:path'
import { Worker } from 'node:worker_threads'
import { MillraceError } from '@millrace/kernel/errors'
import type { YamlItems } from './read-yaml.ts'

/** A document, or a piece of one's monitors. */
export interface YamlJob {
  readonly bytes: Uint8Array
  /** Is read in front of a piece. */
  readonly anchors: string
  /** Of a piece: where the dashes of its monitors stand. */
  readonly indent: number | undefined
}

/** {@link YamlItems}, in a form that passes between threads: a monitor a line. */
export interface YamlAnswer extends Omit<YamlItems, 'texts'> {
  readonly texts: string
}

interface Waiting {
  readonly job: YamlJob
  resolve(items: YamlItems): void
  reject(error: unknown): void
}

/** What was to be read asks for more memory than its thread has. */
export class YamlTooLarge extends Error {
  override readonly name = 'YamlTooLarge'

  constructor(maxHeapMb: number) {
    super(`needs more than ${maxHeapMb} MiB of memory to be read: write less, or in several files`)
  }
}

/** Threads that read YAML, each its jobs one after the other: what a thread has first is what it reads. */
export class YamlThreads implements AsyncDisposable {
  readonly #threads: Worker[] = []
  readonly #waiting: Waiting[][] = []
  readonly #count: number
  readonly #maxHeapMb: number
  #next = 0
  #isClosed = false

  /** @param maxHeapMb is what a thread has for its objects, in MiB: a piece that needs more ends it. */
  constructor(count: number, maxHeapMb: number) {
    this.#count = count
    this.#maxHeapMb = maxHeapMb
  }

  /** Reads a piece. @throws {YamlTooLarge} @throws {MillraceError} `MANIFEST_UNREADABLE` if its thread ended otherwise. */
  read(job: YamlJob): Promise<YamlItems> {
    const { promise, resolve, reject } = Promise.withResolvers<YamlItems>()
    this.#hand(this.#next++ % this.#count, { job, resolve, reject })
    return promise
  }

  #hand(index: number, waiting: Waiting): void {
    if (this.#threads[index] === undefined) this.#start(index)
    this.#waiting[index]!.push(waiting)
    // A copy of its own: the memory around it stays here.
    const bytes = new Uint8Array(waiting.job.bytes)
    this.#threads[index]!.postMessage({ ...waiting.job, bytes }, [bytes.buffer])
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#isClosed = true
    await Promise.all(this.#threads.map((thread) => thread.terminate()))
  }

  #start(index: number): void {
    const base = import.meta.url
    // Sources run unbuilt as .ts, published files as .js.
    const thread = new Worker(new URL(`./yaml-thread${extname(new URL(base).pathname)}`, base), {
      resourceLimits: { maxOldGenerationSizeMb: this.#maxHeapMb },
    })
    const waiting: Waiting[] = []
    this.#threads[index] = thread
    this.#waiting[index] = waiting
    thread.on('message', ({ texts, ...read }: YamlAnswer) => {
      waiting.shift()!.resolve({ ...read, texts: texts === '' ? [] : texts.split('\n') })
    })
    const fail = (error: Error) => {
      if (this.#threads[index] === thread) delete this.#threads[index]
      const [first, ...others] = waiting.splice(0)
      first?.reject(this.#failure(error))
      // It was no fault of theirs: another thread has them.
      for (const each of others) {
        if (this.#isClosed) each.reject(error)
        else this.#hand(index, each)
      }
    }
    thread.on('error', fail)
    thread.on('exit', () => fail(new Error('its thread ended')))
  }

  #failure(error: NodeJS.ErrnoException): Error {
    if (error.code === 'ERR_WORKER_OUT_OF_MEMORY') return new YamlTooLarge(this.#maxHeapMb)
    const message = `the manifest cannot be read (${error.message}): the thread that reads YAML ended; try again`
    return new MillraceError('MANIFEST_UNREADABLE', message, { detail: { code: error.code }, cause: error })
  }
}
