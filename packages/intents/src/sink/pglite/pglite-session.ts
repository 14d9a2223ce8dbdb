import { extname } from 'node:path'
import { Worker } from 'node:worker_threads'
import { MillraceError } from '@millrace/kernel/errors'
import { connectionLost, databaseRefused, isServerError } from '../sql/database-failure.ts'
import { type PlannerSettings, setUpSession } from '../sql/planner-settings.ts'
import type { SinkSession } from '../sql/sessions.ts'
import { plain, type Statement, type StatementResult } from '../sql/sql-session.ts'
import { type PgliteReply, type PgliteThreadData, unpackError } from './pglite-protocol.ts'

/** How long an abort waits for what runs: it is not to be interrupted but by ending the thread. */
const ABORT_GRACE_MS = 2000

interface Waiting {
  readonly resolve: (results: readonly StatementResult[]) => void
  readonly reject: (error: Error) => void
}

/** The one session with an embedded database, in a thread of its own. */
export class PgliteSession implements SinkSession {
  readonly #thread: Worker
  readonly #ended: Promise<void>
  #waiting: Waiting | undefined
  #planner: PlannerSettings | undefined
  #lost: Error | undefined
  #cutting: NodeJS.Timeout | undefined

  private constructor(data: PgliteThreadData) {
    const url = new URL(`./pglite-thread${extname(new URL(import.meta.url).pathname)}`, import.meta.url)
    this.#thread = new Worker(url, { workerData: data, name: 'millrace-pglite' })
    this.#thread.on('message', ({ results, failure }: PgliteReply) => {
      const waiting = this.#waiting
      this.#waiting = undefined
      if (failure === undefined) waiting?.resolve(results)
      else waiting?.reject(unpackError(failure))
    })
    this.#thread.on('error', (error) => this.#lose(error as Error))
    this.#ended = new Promise((resolve) => {
      this.#thread.on('exit', (exitCode) => {
        this.#lose(new Error(`Its thread has ended (exit code ${exitCode})`))
        resolve()
      })
    })
  }

  /** @throws {MillraceError} `SINK_UNREACHABLE`. */
  static async open(dataDir: string): Promise<PgliteSession> {
    const session = new PgliteSession({ dataDir })
    try {
      await session.#answer()
      session.#planner = await setUpSession(session)
      return session
    } catch (error) {
      session.destroy()
      const reason = error instanceof Error ? error.message : String(error)
      throw new MillraceError(
        'SINK_UNREACHABLE',
        `The embedded database in ${dataDir} cannot be opened: ${reason}. It may be damaged; begin with an empty folder`,
        { detail: { failure: 'permanent', dataDir }, cause: error },
      )
    }
  }

  get usable(): boolean {
    return this.#lost === undefined
  }

  get cancelled(): boolean {
    return this.#cutting !== undefined
  }

  get planner(): PlannerSettings {
    return this.#planner!
  }

  run(statements: readonly Statement[]): Promise<readonly StatementResult[]> {
    return this.#send(statements, 'transient')
  }

  commit(statements: readonly Statement[]): Promise<readonly StatementResult[]> {
    return this.#send([...statements, plain('COMMIT')], 'unknown')
  }

  async rollBack(): Promise<void> {
    if (!this.usable) return
    await this.run([plain('ROLLBACK')]).catch(() => this.destroy())
  }

  cancel(): void {
    if (this.usable) this.#cutting ??= setTimeout(() => this.destroy(), ABORT_GRACE_MS)
  }

  destroy(): void {
    clearTimeout(this.#cutting)
    this.#lost ??= new Error('Its thread was ended')
    void this.#thread.terminate()
  }

  async close(): Promise<void> {
    if (!this.usable) return this.destroy()
    this.#lost = new Error('It is closed')
    clearTimeout(this.#cutting)
    this.#thread.postMessage([])
    await this.#ended
  }

  async #send(
    statements: readonly Statement[],
    whenLost: 'transient' | 'unknown',
  ): Promise<readonly StatementResult[]> {
    if (this.#lost !== undefined) throw connectionLost('transient', this.#lost)
    this.#thread.postMessage(statements)
    try {
      return await this.#answer()
    } catch (error) {
      if (isServerError(error)) throw databaseRefused(error)
      throw connectionLost(whenLost, error)
    }
  }

  #answer(): Promise<readonly StatementResult[]> {
    return new Promise((resolve, reject) => {
      this.#waiting = { resolve, reject }
    })
  }

  #lose(error: Error): void {
    this.#lost ??= error
    this.#waiting?.reject(error)
    this.#waiting = undefined
  }
}
