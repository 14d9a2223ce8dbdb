import type { Clock } from '@millrace/kernel'
import type { EngineEvent } from '../engine/events.ts'
import type { DiscoveredFile } from '../file.ts'
import type { Executor, ExecutorEnd, ExecutorReport, ExecutorUsage } from '../worker/executor.ts'

/** An executor with the number it goes by in events: 1, 2, 3 …, the least that is free. */
export class NumberedWorker {
  readonly number: number
  readonly executor: Executor
  #assignments = 0

  constructor(number: number, executor: Executor) {
    this.number = number
    this.executor = executor
  }

  run(
    work: { readonly files: readonly DiscoveredFile[]; readonly cautious: boolean },
    onReport: (report: ExecutorReport) => void,
  ): Promise<ExecutorEnd> {
    return this.executor.run({ assignmentId: ++this.#assignments, ...work }, onReport)
  }
}

type StopReason = Extract<EngineEvent, { type: 'worker-stopped' }>['reason']

/**
 * The executors there are: idle ones to take, busy ones to get back. Starts one when none is idle, and replaces what is
 * worn or dead.
 */
export class WorkerSet implements AsyncDisposable {
  readonly #clock: Clock
  readonly #create: () => Executor
  readonly #emit: (event: EngineEvent) => void
  readonly #idle: NumberedWorker[] = []
  readonly #busySince = new Map<NumberedWorker, number>()
  readonly #ending = new Set<Promise<void>>()
  #busyMs = 0
  #replaced = 0
  #goneCpuMs = 0

  constructor(clock: Clock, create: () => Executor, emit: (event: EngineEvent) => void) {
    this.#clock = clock
    this.#create = create
    this.#emit = emit
  }

  get size(): number {
    return this.#idle.length + this.#busySince.size
  }

  get busy(): number {
    return this.#busySince.size
  }

  /** Workers that died with work in hand. */
  get replaced(): number {
    return this.#replaced
  }

  /** Time all workers together have been busy, milliseconds. */
  get busyMs(): number {
    const now = this.#clock.now()
    let ms = this.#busyMs
    for (const since of this.#busySince.values()) ms += now - since
    return ms
  }

  /** What the worker processes hold and have used, those that are gone included in the processor time. */
  usage(): { rssMb: number; cpuMs: number } {
    let rssMb = 0
    let cpuMs = this.#goneCpuMs
    const add = (usage: ExecutorUsage) => {
      rssMb += usage.rssMb
      cpuMs += usage.cpuMs
    }
    for (const { executor } of this.#idle) add(executor.usage())
    for (const { executor } of this.#busySince.keys()) add(executor.usage())
    return { rssMb, cpuMs }
  }

  /** Starts executors ahead of need, until there are `count`. */
  warm(count: number): void {
    while (this.size < count) this.#start()
  }

  take(): NumberedWorker {
    if (this.#idle.length === 0) this.#start()
    const worker = this.#idle.pop()!
    this.#busySince.set(worker, this.#clock.now())
    return worker
  }

  /** Takes a worker back; ends it where it is worn or no longer wanted. */
  giveBack(worker: NumberedWorker, surplus: boolean): void {
    this.#endBusy(worker)
    if (worker.executor.worn) this.#end(worker, 'recycled', 'its share of files or memory is reached')
    else if (surplus) this.#end(worker, 'drained', 'fewer workers are wanted')
    else this.#idle.push(worker)
  }

  /** Takes a dead worker out. */
  discard(worker: NumberedWorker, reason: StopReason, detail: string): void {
    this.#endBusy(worker)
    this.#replaced++
    this.#end(worker, reason, detail)
  }

  /** Ends idle workers above `count`, for the reason told. */
  keepAtMost(count: number, detail = 'fewer workers are wanted'): void {
    while (this.size > count) {
      const worker = this.#idle.pop()
      if (worker === undefined) return
      this.#end(worker, 'drained', detail)
    }
  }

  /** Ends all, busy ones at once; settles when every process is gone. */
  async close(): Promise<void> {
    for (const worker of [...this.#idle, ...this.#busySince.keys()]) this.#end(worker, 'drained', 'the job is over')
    this.#idle.length = 0
    await Promise.all(this.#ending)
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close()
  }

  /** Adds an idle worker, in its place before anybody is told. */
  #start(): void {
    const taken = new Set([...this.#idle, ...this.#busySince.keys()].map(({ number }) => number))
    let number = 1
    while (taken.has(number)) number++
    const worker = new NumberedWorker(number, this.#create())
    this.#idle.push(worker)
    this.#emit({ type: 'worker-started', worker: number, pid: worker.executor.usage().pid })
  }

  #endBusy(worker: NumberedWorker): void {
    const since = this.#busySince.get(worker)
    if (since !== undefined) this.#busyMs += this.#clock.now() - since
    this.#busySince.delete(worker)
  }

  #end(worker: NumberedWorker, reason: StopReason, detail: string): void {
    const { pid, cpuMs } = worker.executor.usage()
    this.#goneCpuMs += cpuMs
    const ended = worker.executor.close().finally(() => this.#ending.delete(ended))
    this.#ending.add(ended)
    this.#emit({ type: 'worker-stopped', worker: worker.number, pid, reason, detail })
  }
}
