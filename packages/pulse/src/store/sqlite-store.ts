import { extname, resolve } from 'node:path'
import { Worker } from 'node:worker_threads'
import { type Clock, systemClock } from '@millrace/kernel/clock'
import { MillraceError } from '@millrace/kernel/errors'
import { Ring } from '@millrace/kernel/queue/ring'
import type { DeadLetter, PulseStore, StoreChanges, StoredState } from './pulse-store.ts'
import type { StampedChanges } from './store-database.ts'
import { type StoreReply, type StoreRequest, unpackError } from './store-protocol.ts'

export interface SqliteStoreOptions {
  /** The database's file; it and its folder are made where they are missing. */
  readonly path: string
  /** Dates dead letters. */
  readonly clock?: Clock
}

/** Entries of a transaction, beyond which the next commit waits for the next one: no commit waits long for others. */
const MAX_GROUP_ENTRIES = 20_000

interface WaitingCommit extends StampedChanges {
  readonly resolve: () => void
  readonly reject: (error: Error) => void
}

interface Question {
  readonly resolve: (reply: never) => void
  readonly reject: (error: Error) => void
}

/**
 * A store in a file of SQLite, in a thread of its own, so that no sync holds up the caller.
 *
 * Commits that come while one is under way become one transaction, in their order. An open store does not keep the process alive; a call under way does.
 * @throws {MillraceError} `OPTION_INVALID`.
 */
export function createSqliteStore(options: SqliteStoreOptions): PulseStore {
  const { path, clock = systemClock } = options
  if (typeof path !== 'string' || path === '') {
    throw new MillraceError('OPTION_INVALID', 'createSqliteStore: path must be that of a file', {
      detail: { owner: 'createSqliteStore', option: 'path', value: path },
    })
  }
  return new SqliteStore(resolve(path), clock)
}

class SqliteStore implements PulseStore {
  readonly #file: string
  readonly #clock: Clock
  #thread: Worker | undefined
  /** Asked, and not yet answered. */
  readonly #questions = new Ring<Question>()
  readonly #commits = new Ring<WaitingCommit>()
  #committing: Promise<void> | undefined
  /** Why no more is taken. */
  #ended: MillraceError | undefined
  #closing: Promise<void> | undefined

  constructor(file: string, clock: Clock) {
    this.#file = file
    this.#clock = clock
  }

  async open(): Promise<StoredState> {
    if (this.#ended !== undefined) throw this.#ended
    if (this.#thread !== undefined) throw closed(this.#file, 'was opened before')
    this.#thread = this.#start()
    try {
      return (await this.#answer<'state'>()).state
    } catch (error) {
      this.#ended ??= error as MillraceError
      throw error
    }
  }

  commit(changes: StoreChanges): Promise<void> {
    return new Promise((resolve, reject) => {
      if (this.#ended !== undefined) return reject(this.#ended)
      if (this.#thread === undefined) return reject(closed(this.#file, 'is not open'))
      this.#commits.push({ changes, at: this.#clock.wallNow(), resolve, reject })
      this.#committing ??= this.#commitAll()
    })
  }

  async deadLetters(limit: number): Promise<readonly DeadLetter[]> {
    if (this.#ended !== undefined) throw this.#ended
    if (this.#thread === undefined) throw closed(this.#file, 'is not open')
    return (await this.#ask<'letters'>({ type: 'letters', limit })).letters
  }

  [Symbol.asyncDispose](): Promise<void> {
    this.#closing ??= this.#close()
    return this.#closing
  }

  async #close(): Promise<void> {
    const thread = this.#thread
    const isOver = this.#ended !== undefined
    this.#ended ??= closed(this.#file, 'is closed')
    if (thread === undefined || isOver) return
    const exited = new Promise((resolve) => thread.once('exit', resolve))
    await this.#committing
    // What was acknowledged is on the disk, however this ends.
    await this.#ask<'closed'>({ type: 'close' }).catch(() => {})
    thread.ref()
    await exited
  }

  async #commitAll(): Promise<void> {
    // Those of the same turn go together.
    await undefined
    while (this.#commits.size > 0) {
      const group = this.#takeGroup()
      try {
        const stamped = group.map(({ changes, at }) => ({ changes, at }))
        const { failures } = await this.#ask<'kept'>({ type: 'commit', group: stamped })
        group.forEach(({ resolve, reject }, index) => {
          const failure = failures[index]
          if (failure === undefined) resolve()
          else reject(unpackError(failure))
        })
      } catch (error) {
        for (const { reject } of group) reject(error as Error)
      }
    }
    this.#committing = undefined
  }

  #takeGroup(): WaitingCommit[] {
    const group: WaitingCommit[] = []
    let entries = 0
    while (this.#commits.size > 0 && entries < MAX_GROUP_ENTRIES) {
      const commit = this.#commits.shift()!
      group.push(commit)
      entries += entriesOf(commit.changes)
    }
    return group
  }

  #start(): Worker {
    const entry = new URL(`./sqlite-store-thread${extname(new URL(import.meta.url).pathname)}`, import.meta.url)
    const thread = new Worker(entry, {
      workerData: { file: this.#file },
      name: 'millrace-pulse-store',
      // Early 24.x warns that node:sqlite is experimental; the thread alone is told to keep that to itself.
      env: { ...process.env, NODE_NO_WARNINGS: '1' },
      ...(process.execArgv.some(isInputType) && { execArgv: process.execArgv.filter(isOfThreads) }),
    })
    thread.on('message', (reply: StoreReply) => this.#settle(reply))
    thread.on('error', (cause) => this.#fail(cause))
    thread.on('exit', (exitCode) => this.#fail(new Error(`exit code ${exitCode}`)))
    return thread
  }

  #ask<Type extends StoreReply['type']>(request: StoreRequest): Promise<Extract<StoreReply, { type: Type }>> {
    this.#thread!.postMessage(request)
    return this.#answer()
  }

  #answer<Type extends StoreReply['type']>(): Promise<Extract<StoreReply, { type: Type }>> {
    if (this.#questions.size === 0) this.#thread!.ref()
    return new Promise((resolve, reject) => this.#questions.push({ resolve, reject }))
  }

  #settle(reply: StoreReply): void {
    const question = this.#questions.shift()
    if (this.#questions.size === 0) this.#thread!.unref()
    if (reply.type === 'failed') question?.reject(unpackError(reply.failure))
    else question?.resolve(reply as never)
  }

  /** The thread is gone. */
  #fail(cause: unknown): void {
    this.#ended ??= new MillraceError(
      'STORE_FAILED',
      `The thread of the store ${this.#file} ended unasked (${String(cause)}). What was kept is safe; start again.`,
      { detail: { file: this.#file }, cause },
    )
    while (this.#questions.size > 0) this.#questions.shift()!.reject(this.#ended)
    while (this.#commits.size > 0) this.#commits.shift()!.reject(this.#ended)
  }
}

/** Says what a script on the command line is; with it no thread starts. Other flags a thread inherits, and those of V8 only so: given to it, they are refused. */
function isInputType(arg: string): boolean {
  return arg.startsWith('--input-type')
}

function isOfThreads(arg: string, index: number, all: readonly string[]): boolean {
  return arg.startsWith('--conditions=') || arg === '-C' || all[index - 1] === '-C'
}

function entriesOf({ monitors, forgotten, alerts, delivered, dead, redriven, beats }: StoreChanges): number {
  const lists = [monitors, forgotten, alerts, delivered, dead, redriven, beats]
  return lists.reduce((sum, { length }) => sum + length, 0)
}

function closed(file: string, what: string): MillraceError {
  return new MillraceError(
    'STORE_CLOSED',
    `The store ${file} ${what}. Make another with createSqliteStore, and open that.`,
    {
      detail: { file },
    },
  )
}
