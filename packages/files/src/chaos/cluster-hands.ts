import { type ChildProcess, spawn } from 'node:child_process'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { Clock, Timer } from '@millrace/kernel/clock'
import { LEASE_SECONDS } from '../cluster/board.ts'
import { entryArgs } from '../entry-args.ts'
import type { WorkOrder } from './work-driver.ts'

export interface ClusterHandsOptions {
  readonly count: number
  readonly order: WorkOrder
  /** The entry of a worker's process. */
  readonly driver: URL
  /** Where the order is put. */
  readonly folder: string
  /** What the processors are looked up from. */
  readonly base: string
  readonly clock: Clock
}

/** From the end of a worker to the start of the next one in its place, milliseconds. */
const AGAIN_MS = 200
/** From the end of a lease to the end of a worker that was stopped for good. */
const BEYOND_LEASE_MS = 3000

/**
 * The workers of a job over PostgreSQL, a process each as on machines of their own: who ends is followed by another, until all are disposed of. They
 * outlive the engines that coordinate.
 */
export class ClusterHands implements AsyncDisposable {
  readonly #options: ClusterHandsOptions
  readonly #place: string
  readonly #running = new Map<ChildProcess, Promise<void>>()
  readonly #timers = new Set<Timer>()
  #over = false

  constructor(options: ClusterHandsOptions) {
    this.#options = options
    this.#place = join(options.folder, 'work.json')
    writeFileSync(this.#place, JSON.stringify(options.order), { mode: 0o600 })
    for (let n = 0; n < options.count; n++) this.#start()
  }

  /** Ends a worker that was stopped for good, once what it had is elsewhere: nobody else would. */
  endLater(pid: number): void {
    this.#after(LEASE_SECONDS * 1000 + BEYOND_LEASE_MS, () => {
      for (const child of this.#running.keys()) if (child.pid === pid) child.kill('SIGKILL')
    })
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#over = true
    for (const timer of this.#timers) timer.cancel()
    for (const child of this.#running.keys()) child.kill('SIGKILL')
    await Promise.all(this.#running.values())
  }

  #start(): void {
    const { driver, base, folder } = this.#options
    const child = spawn(process.execPath, [...entryArgs(), fileURLToPath(driver), this.#place], {
      cwd: base,
      stdio: 'ignore',
      env: { NODE_COMPILE_CACHE: join(folder, 'compiled'), ...process.env },
    })
    const gone = new Promise<void>((resolve) => child.on('close', () => resolve()).on('error', () => resolve()))
    this.#running.set(
      child,
      gone.then(() => {
        this.#running.delete(child)
        if (!this.#over) this.#after(AGAIN_MS, () => this.#start())
      }),
    )
  }

  #after(ms: number, call: () => void): void {
    const timer = this.#options.clock.after(ms, () => {
      this.#timers.delete(timer)
      call()
    })
    this.#timers.add(timer)
  }
}
