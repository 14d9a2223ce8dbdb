import { extname } from 'node:path'
import { Worker } from 'node:worker_threads'
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
  resolve(items: YamlItems): void
  reject(error: unknown): void
}

/** A thread has at most so much memory for its objects, in MiB: a piece that needs more ends it. */
const MAX_HEAP_MB = 512

/** Threads that read YAML, each its jobs one after the other. */
export class YamlThreads implements AsyncDisposable {
  readonly #threads: Worker[] = []
  readonly #waiting: Waiting[][] = []
  readonly #count: number
  #next = 0

  constructor(count: number) {
    this.#count = count
  }

  /** Reads a piece. Rejects if its thread ended. */
  read(job: YamlJob): Promise<YamlItems> {
    const index = this.#next++ % this.#count
    if (this.#threads[index] === undefined) this.#start(index)
    const { promise, resolve, reject } = Promise.withResolvers<YamlItems>()
    this.#waiting[index]!.push({ resolve, reject })
    // A copy of its own: the memory around it stays here.
    const bytes = new Uint8Array(job.bytes)
    this.#threads[index]!.postMessage({ ...job, bytes }, [bytes.buffer])
    return promise
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all(this.#threads.map((thread) => thread.terminate()))
  }

  #start(index: number): void {
    const base = import.meta.url
    // Sources run unbuilt as .ts, published files as .js.
    const thread = new Worker(new URL(`./yaml-thread${extname(new URL(base).pathname)}`, base), {
      resourceLimits: { maxOldGenerationSizeMb: MAX_HEAP_MB },
    })
    const waiting: Waiting[] = []
    this.#threads[index] = thread
    this.#waiting[index] = waiting
    thread.on('message', ({ texts, ...read }: YamlAnswer) => {
      waiting.shift()!.resolve({ ...read, texts: texts === '' ? [] : texts.split('\n') })
    })
    const fail = (error: unknown) => {
      for (const { reject } of waiting.splice(0)) reject(error)
      if (this.#threads[index] === thread) delete this.#threads[index]
    }
    thread.on('error', fail)
    thread.on('exit', () => fail(new Error('its thread ended')))
  }
}
