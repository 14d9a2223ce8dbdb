import { extname } from 'node:path'
import { Worker } from 'node:worker_threads'
import type { Pool } from '@millrace/pool'
import type { BodyExpectation, EvaluateBody } from './check.ts'
import { containsText, DOES_NOT_CONTAIN } from './contains-text.ts'
import type { BodyTasks } from './evaluate-body-task.ts'

export interface BodyEvaluatorOptions {
  /** At least 1. @default 1 */
  readonly threads?: number
  /** Time for one body, its wait for a thread included, in ms. @default 2000 */
  readonly deadlineMs?: number
  /** Bodies that wait at most; more are refused. @default 2000 */
  readonly maxWaiting?: number
}

/** Up to so many bytes are searched for a text at once: it takes less than to hand them over. */
const SMALL_BYTES = 4096
/** What is handed over ahead of time: most bodies are small, and what is larger goes in messages. */
const SLOTS = 16

/**
 * Evaluates bodies on worker threads, which start with the first body that needs one.
 *
 * An evaluation that takes too long loses its thread, another is started, and its neighbours are evaluated there: a pattern cannot stop the others.
 */
export class BodyEvaluator implements AsyncDisposable {
  readonly #options: BodyEvaluatorOptions
  /** By expectation, as profiles have them: how it travels. */
  readonly #written = new WeakMap<BodyExpectation, string>()
  #pool: Promise<Pool<BodyTasks>> | undefined
  #isClosed = false

  constructor(options: BodyEvaluatorOptions = {}) {
    this.#options = options
  }

  /** Rejects with what the pool says: too many wait, the deadline, a thread that died. */
  readonly evaluate: EvaluateBody = async (body, expectation) => {
    const { contains, regex, json } = expectation
    if (regex === undefined && json === undefined && body.length <= SMALL_BYTES) {
      return contains === undefined || containsText(body, contains) ? undefined : DOES_NOT_CONTAIN
    }
    const written = this.#written.get(expectation) ?? JSON.stringify(expectation)
    this.#written.set(expectation, written)
    const { deadlineMs = 2000 } = this.#options
    // A copy: whoever read the body uses the memory again, and the pool takes it later.
    const input = { body: new Uint8Array(body), expectation: written }
    this.#pool ??= this.#start()
    const pool = await this.#pool
    return pool.run('evaluate', input, { deadlineMs })
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#isClosed = true
    const pool = await this.#pool
    await pool?.close({ withinMs: 0 })
  }

  /** Many engines never need it, and do not load it. */
  async #start(): Promise<Pool<BodyTasks>> {
    const { createPool } = await import('@millrace/pool')
    const { threads = 1, maxWaiting = 2000 } = this.#options
    const entry = new URL(`./evaluate-body-thread${extname(new URL(import.meta.url).pathname)}`, import.meta.url)
    const worker = () => new Worker(entry)
    const pool = createPool<BodyTasks>({ worker, threads, maxQueued: maxWaiting, slots: SLOTS })
    if (this.#isClosed) await pool.close()
    return pool
  }
}
