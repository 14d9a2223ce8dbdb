import { createPool, type Pool, type PoolOptions, type WorkerLike } from '../../src/index.ts'
import { served, type tasks } from './tasks.ts'

export const modes = ['shared memory', 'polled', 'messages', 'caller'] as const
/** How tasks get to where they run, and results back; `polled` is shared memory with `delivery: 'manual'`. */
export type Mode = (typeof modes)[number]

/** More often than frames come, so that the tests do not take longer. */
const POLL_MS = 1

/** Where workers come from on a host. */
export interface Host {
  /** A worker that serves the tasks. */
  readonly worker: () => WorkerLike
  /** A worker whose address is wrong. */
  readonly missing: () => WorkerLike
}

export type TestPool = Pool<typeof tasks>

/** Where a case has its pools from. */
export interface Place {
  readonly mode: Mode
  readonly missing: () => WorkerLike
  /** Workers made so far. */
  readonly made: number
  /** A pool of two workers, for all cases that leave it as it was. */
  readonly pool: TestPool
  /** The same with one worker, which does one task after the other. */
  readonly lone: TestPool
  /** A pool for one case: of two workers, unless told otherwise. */
  open(options?: PoolOptions): TestPool
}

/** A promise of the pool's, wherever it runs. */
export interface Case {
  readonly name: string
  /** What there must be for it. @default nothing: it holds on the caller too */
  readonly needs?: 'workers' | 'shared memory'
  /** Throws when the promise is broken. */
  readonly run: (place: Place) => Promise<void>
}

/** Makes pools of one mode. Where the host shares no memory, messages are what a pool chooses by itself. */
export class HostPlace implements Place {
  readonly mode: Mode
  readonly missing: () => WorkerLike
  readonly #worker: () => WorkerLike
  readonly #opened: TestPool[] = []
  /** Pools that are polled, and what does it. */
  readonly #polled: TestPool[] = []
  #timer: ReturnType<typeof setInterval> | undefined
  #pool: TestPool | undefined
  #lone: TestPool | undefined
  made = 0

  constructor(mode: Mode, { worker, missing }: Host) {
    this.mode = mode
    this.missing = missing
    this.#worker = worker
  }

  get pool(): TestPool {
    this.#pool ??= this.#create({})
    return this.#pool
  }

  get lone(): TestPool {
    const threads = this.mode === 'caller' ? 0 : 1
    this.#lone ??= this.#create({ threads, ageMs: 1e9, graceMs: 1e9 })
    return this.#lone
  }

  open(options: PoolOptions = {}): TestPool {
    const pool = this.#create(options)
    this.#opened.push(pool)
    return pool
  }

  /** Ends what is left of one case. */
  async tidy(): Promise<void> {
    await Promise.all(this.#opened.splice(0).map((pool) => pool.close({ withinMs: 0 })))
  }

  /** Ends all. */
  async close(): Promise<void> {
    clearInterval(this.#timer)
    await Promise.all([this.tidy(), this.#pool?.close({ withinMs: 0 }), this.#lone?.close({ withinMs: 0 })])
  }

  #create(options: PoolOptions): TestPool {
    const pool = createPool<typeof tasks>({ ...this.#usual(), ...options })
    if (this.mode !== 'polled') return pool
    this.#polled.push(pool)
    this.#timer ??= setInterval(() => this.#polled.forEach((each) => void each.poll()), POLL_MS)
    return pool
  }

  #usual(): PoolOptions {
    if (this.mode === 'caller') return { threads: 0, tasks: served }
    const worker = () => {
      this.made++
      return this.#worker()
    }
    const isPolled = this.mode === 'polled'
    const sharedMemory = isPolled || this.mode === 'shared memory' || isLeftToHost()
    return { threads: 2, worker, sharedMemory, delivery: isPolled ? 'manual' : 'auto' }
  }
}

/** A page that is not isolated must find out by itself. */
function isLeftToHost(): boolean {
  return (globalThis as { readonly crossOriginIsolated?: boolean }).crossOriginIsolated === false
}
