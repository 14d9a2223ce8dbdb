import type { Clock } from '@millrace/kernel/clock'
import type { EngineEvent, WorkerStatistics } from '../engine/events.ts'
import type { AssignedFile, Executor, ExecutorEnd, ExecutorReport } from '../worker/executor.ts'

/** An executor with the number it goes by in events: 1, 2, 3 …, the least that is free. */
export class NumberedWorker {
  readonly number: number
  readonly executor: Executor
  /** Files it has settled. */
  files = 0
  readonly #clock: Clock
  readonly #startedAt: number
  #busySince: number | undefined
  #busyMs = 0
  #assignments = 0

  constructor(number: number, executor: Executor, clock: Clock) {
    this.number = number
    this.executor = executor
    this.#clock = clock
    this.#startedAt = clock.now()
  }

  /** Whether it has a batch in hand. */
  get busy(): boolean {
    return this.#busySince !== undefined
  }

  /** Time it has had a batch in hand, milliseconds. */
  get busyMs(): number {
    return this.#busyMs + (this.#busySince === undefined ? 0 : this.#clock.now() - this.#busySince)
  }

  begin(): void {
    this.#busySince = this.#clock.now()
  }

  end(): void {
    this.#busyMs = this.busyMs
    this.#busySince = undefined
  }

  run(
    work: { readonly files: readonly AssignedFile[]; readonly cautious: boolean },
    onReport: (report: ExecutorReport) => void,
  ): Promise<ExecutorEnd> {
    return this.executor.run({ assignmentId: ++this.#assignments, ...work }, onReport)
  }

  statistics(): WorkerStatistics {
    const { pid, rssMb, cpuMs } = this.executor.usage()
    const { number: worker, busy, files, busyMs } = this
    const ageMs = this.#clock.now() - this.#startedAt
    return { worker, pid, busy, files, utilisation: ageMs > 0 ? busyMs / ageMs : 0, rssMb, cpuMs }
  }
}

type StopReason = Extract<EngineEvent, { type: 'worker-stopped' }>['reason']

/**
 * The executors there are. A worker is idle, busy with a batch, or resting: done with it and not given another one yet. Starts one when
 * none is idle, and replaces what is worn or dead.
 */
export class WorkerSet implements AsyncDisposable {
  readonly #clock: Clock
  readonly #create: () => Executor
  readonly #emit: (event: EngineEvent) => void
  readonly #retire: (executor: Executor) => Promise<void>
  readonly #all = new Set<NumberedWorker>()
  /** The one that was idle last is taken first, so that the others stay so. */
  readonly #idle: NumberedWorker[] = []
  readonly #ending = new Set<Promise<void>>()
  #replaced = 0
  #goneBusyMs = 0
  #goneCpuMs = 0

  /** @param retire Takes an idle executor when its work is done, and ends it or keeps it for other work. @default ends it */
  constructor(
    clock: Clock,
    create: () => Executor,
    emit: (event: EngineEvent) => void,
    retire: (executor: Executor) => Promise<void> = (executor) => executor.close(),
  ) {
    this.#clock = clock
    this.#create = create
    this.#emit = emit
    this.#retire = retire
  }

  get size(): number {
    return this.#all.size
  }

  get busy(): number {
    let busy = 0
    for (const worker of this.#all) if (worker.busy) busy++
    return busy
  }

  /** Workers that died with work in hand. */
  get replaced(): number {
    return this.#replaced
  }

  /** Time all workers together have been busy, milliseconds. */
  get busyMs(): number {
    let ms = this.#goneBusyMs
    for (const worker of this.#all) ms += worker.busyMs
    return ms
  }

  /** What the worker processes hold and have used, those that are gone included in the processor time. */
  usage(): { rssMb: number; cpuMs: number } {
    let rssMb = 0
    let cpuMs = this.#goneCpuMs
    for (const { executor } of this.#all) {
      const usage = executor.usage()
      rssMb += usage.rssMb
      cpuMs += usage.cpuMs
    }
    return { rssMb, cpuMs }
  }

  /** What each worker there is has done, by number. */
  perWorker(): WorkerStatistics[] {
    return Array.from(this.#all, (worker) => worker.statistics()).sort((a, b) => a.worker - b.worker)
  }

  /** Starts executors ahead of need, until there are `count`. */
  warm(count: number): void {
    while (this.size < count) this.#start()
  }

  take(): NumberedWorker {
    if (this.#idle.length === 0) this.#start()
    const worker = this.#idle.pop()!
    worker.begin()
    return worker
  }

  /** Takes a worker out of its batch: it is ended where it is worn or no longer wanted, and else rests until {@link WorkerSet.giveBack}. */
  rest(worker: NumberedWorker, surplus: boolean): void {
    worker.end()
    if (worker.executor.worn) this.#end(worker, 'recycled', 'its share of files or memory is reached')
    else if (surplus) this.#end(worker, 'drained', 'fewer workers are wanted')
  }

  /** Makes a resting worker idle; one that was ended meanwhile is left alone. */
  giveBack(worker: NumberedWorker): void {
    if (this.#all.has(worker)) this.#idle.push(worker)
  }

  /** Takes a dead worker out. */
  discard(worker: NumberedWorker, reason: StopReason, detail: string): void {
    if (this.#all.has(worker)) this.#replaced++
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

  /** Lets the idle ones go: the work is done. */
  dismiss(detail: string): void {
    for (const worker of this.#idle.splice(0)) this.#end(worker, 'drained', detail, this.#retire)
  }

  /** Ends all, busy ones at once; settles when every process is gone. */
  async close(): Promise<void> {
    this.dismiss('the job is over')
    for (const worker of this.#all) this.#end(worker, 'drained', 'the job is over')
    await Promise.all(this.#ending)
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close()
  }

  /** Adds an idle worker, in its place before anybody is told. */
  #start(): void {
    const taken = new Set(Array.from(this.#all, ({ number }) => number))
    let number = 1
    while (taken.has(number)) number++
    const worker = new NumberedWorker(number, this.#create(), this.#clock)
    this.#all.add(worker)
    this.#idle.push(worker)
    this.#emit({ type: 'worker-started', worker: number, pid: worker.executor.usage().pid })
  }

  #end(
    worker: NumberedWorker,
    reason: StopReason,
    detail: string,
    how = (executor: Executor) => executor.close(),
  ): void {
    if (!this.#all.delete(worker)) return
    const { pid, cpuMs } = worker.executor.usage()
    this.#goneBusyMs += worker.busyMs
    this.#goneCpuMs += cpuMs
    const ended = how(worker.executor).finally(() => this.#ending.delete(ended))
    this.#ending.add(ended)
    this.#emit({ type: 'worker-stopped', worker: worker.number, pid, reason, detail })
  }
}
