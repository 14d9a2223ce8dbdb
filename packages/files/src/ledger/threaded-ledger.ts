import { Worker } from 'node:worker_threads'
import { MillraceError } from '@millrace/kernel/errors'
import { Ring } from '@millrace/kernel/queue/ring'
import { entryArgs } from '../entry-args.ts'
import { entryUrl } from '../entry-url.ts'
import type { Checkpoint, FoundChunk, JobOutcome, JobOwner, JobSpec, Ledger, MeetOptions, Unmet } from './ledger.ts'
import {
  type LedgerCalls,
  type LedgerMethod,
  type LedgerReply,
  type LedgerRequest,
  type LedgerThreadData,
  unpackError,
} from './ledger-protocol.ts'
import { packFound, unpackMet, type WireMet } from './meet-wire.ts'
import { ledgerClosed } from './refusals.ts'

interface Waiting {
  readonly resolve: (value: never) => void
  readonly reject: (error: Error) => void
}

/**
 * A ledger served by a thread of its own, so that no fsync holds up the caller's event loop.
 *
 * Calls are answered in order. An open ledger does not keep the process alive; a call under way does.
 */
export class ThreadedLedger implements Ledger {
  readonly #thread: Worker
  /** Calls not yet answered, oldest first. */
  readonly #waiting = new Ring<Waiting>()
  /** Why no further call is taken. */
  #ended: MillraceError | undefined
  #closing: Promise<void> | undefined

  private constructor(data: LedgerThreadData) {
    // Early 24.x warns that node:sqlite is experimental; the thread alone is told to keep that to itself.
    const env = { ...process.env, NODE_NO_WARNINGS: '1' }
    // What comes is written and forgotten: it is garbage before it is old.
    const resourceLimits = { maxYoungGenerationSizeMb: 16 }
    const options = { workerData: data, env, execArgv: entryArgs(), name: 'millrace-ledger', resourceLimits }
    this.#thread = new Worker(entryUrl('./ledger-thread', import.meta.url), options)
    this.#thread.on('message', (reply: LedgerReply) => this.#settle(reply))
    this.#thread.on('error', (cause) => this.#fail(cause))
    this.#thread.on('exit', (exitCode) => this.#fail(new Error(`exit code ${exitCode}`)))
  }

  /** Starts the thread and resolves when the ledger in `stateDir` is open. */
  static async open(data: LedgerThreadData): Promise<ThreadedLedger> {
    const ledger = new ThreadedLedger(data)
    await ledger.#answer<void>()
    return ledger
  }

  tryOwn() {
    return this.#call('tryOwn')
  }
  release() {
    return this.#call('release')
  }
  enqueueJob(spec: JobSpec) {
    return this.#call('enqueueJob', spec)
  }
  startJob(jobId: string, owner: JobOwner, startedMs: number) {
    return this.#call('startJob', jobId, owner, startedMs)
  }
  finishJob(jobId: string, outcome: JobOutcome) {
    return this.#call('finishJob', jobId, outcome)
  }
  jobs() {
    return this.#call('jobs')
  }
  job(jobId?: string) {
    return this.#call('job', jobId)
  }
  async meetFiles(jobId: string, found: FoundChunk, options: MeetOptions) {
    if (this.#ended !== undefined) throw this.#ended
    return unpackMet(
      found,
      await this.#post<WireMet>({ method: 'meetPacked', args: [jobId, packFound(found), options] }),
    )
  }
  endDiscovery(jobId: string, unmet?: Unmet) {
    return this.#call('endDiscovery', jobId, unmet)
  }
  pendingFiles(jobId: string, afterFileId: number, limit: number) {
    return this.#call('pendingFiles', jobId, afterFileId, limit)
  }
  reopenQuarantined(jobId: string, paths?: readonly string[]) {
    return this.#call('reopenQuarantined', jobId, paths)
  }
  commit(jobId: string, checkpoint: Checkpoint) {
    return this.#call('commit', jobId, checkpoint)
  }
  books(jobId: string) {
    return this.#call('books', jobId)
  }
  revision(jobId: string) {
    return this.#call('revision', jobId)
  }
  exclusions(jobId: string) {
    return this.#call('exclusions', jobId)
  }
  quarantine(jobId: string) {
    return this.#call('quarantine', jobId)
  }
  attempts(jobId: string, limit: number) {
    return this.#call('attempts', jobId, limit)
  }
  batches(jobId: string) {
    return this.#call('batches', jobId)
  }
  slowest(jobId: string, limit: number) {
    return this.#call('slowest', jobId, limit)
  }
  highlights(jobId: string, limit: number) {
    return this.#call('highlights', jobId, limit)
  }
  results(jobId: string, afterPath: string | undefined, limit: number, maxBytes: number) {
    return this.#call('results', jobId, afterPath, limit, maxBytes)
  }
  recall(key: string) {
    return this.#call('recall', key)
  }
  remember(key: string, json: string) {
    return this.#call('remember', key, json)
  }

  close(): Promise<void> {
    this.#closing ??= this.#close()
    return this.#closing
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close()
  }

  async #close(): Promise<void> {
    if (this.#ended !== undefined) return
    const exited = new Promise((resolve) => this.#thread.once('exit', resolve))
    const closed = this.#post<void>({ method: 'close', args: [] })
    this.#ended = ledgerClosed()
    await closed
    this.#thread.ref()
    await exited
  }

  async #call<M extends LedgerMethod>(
    method: M,
    ...args: Parameters<LedgerCalls[M]>
  ): Promise<ReturnType<LedgerCalls[M]>> {
    if (this.#ended !== undefined) throw this.#ended
    return this.#post({ method, args } as LedgerRequest)
  }

  #post<T>(request: LedgerRequest): Promise<T> {
    this.#thread.postMessage(request)
    return this.#answer<T>()
  }

  #answer<T>(): Promise<T> {
    if (this.#waiting.size === 0) this.#thread.ref()
    return new Promise<T>((resolve, reject) => this.#waiting.push({ resolve, reject }))
  }

  #settle(reply: LedgerReply): void {
    const call = this.#waiting.shift()
    if (this.#waiting.size === 0) this.#thread.unref()
    if ('failure' in reply) call?.reject(unpackError(reply.failure))
    else call?.resolve(reply.value as never)
  }

  #fail(cause: unknown): void {
    this.#ended ??= new MillraceError(
      'LEDGER_THREAD_DIED',
      `The ledger's thread ended unasked (${String(cause)}). What was acknowledged is safe; open the ledger again with openLedger().`,
      { cause },
    )
    for (let call = this.#waiting.shift(); call !== undefined; call = this.#waiting.shift()) call.reject(this.#ended)
  }
}
