import { randomUUID } from 'node:crypto'
import type { Clock, Timer } from '@millrace/kernel/clock'
import { MillraceError } from '@millrace/kernel/errors'
import { entryArgs } from '../entry-args.ts'
import { entryUrl } from '../entry-url.ts'
import type { Assignment, Executor, ExecutorDeath, ExecutorEnd, ExecutorReport, ExecutorUsage } from './executor.ts'
import { usageOfProcess } from './process-usage.ts'
import type { FromWorker, ToWorker } from './protocol.ts'
import { reportFault } from './report-fault.ts'
import { SilenceWatch } from './silence-watch.ts'
import { describeDeath, startFailure, type Verdict } from './worker-death.ts'
import { type ForkProcess, type ProcessEnd, WorkerProcessGroup } from './worker-process-group.ts'

export type { ForkProcess } from './worker-process-group.ts'

export interface ChildExecutorOptions {
  readonly clock: Clock
  readonly root: string
  readonly processors: readonly string[]
  /** Absolute path that relative processor specifiers are resolved against. */
  readonly base: string
  readonly maxFileBytes: number
  /** Heap limit of the process, MB. */
  readonly heapMb: number
  /** Resident memory above which the process is ended while it works, MB; asked anew at each look. */
  readonly memoryMb: () => number
  /** The deadline of one file, milliseconds; asked anew for each assignment. */
  readonly deadlineMs: () => number
  readonly recycleAfterFiles: number
  readonly recycleAboveMb: number
  /** Whether V8 compiles and collects on threads beside the process's own: worth it only where a core has nothing else to do. @default true */
  readonly helperThreads?: boolean
  /** Folder that a CPU profile is written to when the process ends with no work in hand. @default none is taken */
  readonly cpuProfDir?: string | null
  /** Told what the process prints, line by line: at most 100 lines or 64 KB a second, and how much was left out. */
  readonly onOutput?: (line: string) => void
  /** @default `fork` of `node:child_process` */
  readonly fork?: ForkProcess
}

/** A report is sent every 50 ms between files; a loaded machine may take this much longer to bring it. */
const REPORT_SLACK_MS = 250
/** How long a process may take to start and load its processors. */
const START_DEADLINE_MS = 30_000
/** How often a working process's memory is looked at. */
const MEMORY_LOOK_MS = 250
/** How long a process that closed its channel may take to be gone. */
const DISCONNECTED_MS = 1000
/** How long a process may take to leave when it is asked to. */
const POLITE_EXIT_MS = 2000
/** The same where it has a profile to write. */
const PROFILED_EXIT_MS = 30_000
/** Messages that are none of ours and are let pass in one assignment: some libraries greet whoever started them. */
const FOREIGN_MESSAGES = 1000

interface Work {
  readonly assignment: Assignment
  readonly onReport: (report: ExecutorReport) => void
  readonly settle: (end: ExecutorEnd) => void
  readonly fail: (error: MillraceError) => void
  /** Files before it have been reported. */
  cursor: number
  foreignMessages: number
}

/**
 * PERF: a syntax tree is garbage as soon as its record is made. Left alone, V8 lets 200 MB of it gather in each worker; collected early it costs
 * no time that could be measured (`npm run bench -- files/memory`).
 */
const LEAN = ['--min-semi-space-size=8', '--max-semi-space-size=8', '--heap-growing-percent=30']
/** PERF: with a process for each core a short job takes a tenth less time, a long one as much; with cores to spare a fifth more (`npm run bench -- files/end-to-end`). */
const ALONE_ON_ITS_CORE = ['--single-threaded']

/**
 * A worker process of its own for one assignment at a time: what crashes, hangs or leaks in it harms nothing else, and
 * whatever it starts ends with it.
 *
 * The deadline is kept from outside, by the time since the last file was reported, so that a file under its deadline is never
 * the reason for an end. Reports are believed only in their order, each file once: a process that says anything else is
 * ended, for a processor shares the channel. What was reported before stands; afterwards nothing more is taken in.
 */
export class ChildExecutor implements Executor {
  readonly #options: ChildExecutorOptions
  readonly #group: WorkerProcessGroup
  readonly #gone: Promise<void>
  readonly #deadline: SilenceWatch
  readonly #token = randomUUID()
  #memoryLook: Timer | undefined
  #disconnected: Timer | undefined
  #ready = false
  #closing = false
  #work: Work | undefined
  #verdict: Verdict | undefined
  #death: ExecutorDeath | undefined
  #startError: MillraceError | undefined
  #filesDone = 0
  #rssMb = 0
  #cpuMs = 0

  constructor(options: ChildExecutorOptions) {
    this.#options = options
    const { root, processors, base, maxFileBytes, cpuProfDir, heapMb, helperThreads = true } = options
    const profile = cpuProfDir == null ? [] : ['--cpu-prof', `--cpu-prof-dir=${cpuProfDir}`]
    this.#deadline = new SilenceWatch(
      options.clock,
      () => (this.#ready ? options.deadlineMs() : START_DEADLINE_MS) + REPORT_SLACK_MS,
      (allowedMs) => this.#tooSilent((allowedMs - REPORT_SLACK_MS) / 1000),
    )
    this.#group = new WorkerProcessGroup({
      clock: options.clock,
      fork: options.fork,
      entry: entryUrl('./worker-process', import.meta.url),
      execArgv: [
        ...LEAN,
        ...(helperThreads ? [] : ALONE_ON_ITS_CORE),
        ...entryArgs(),
        ...profile,
        `--max-old-space-size=${heapMb}`,
      ],
      onMessage: (message) => this.#heard(message),
      onDisconnect: () => this.#channelClosed(),
      onOutput: options.onOutput,
    })
    this.#gone = this.#group.ended.then((end) => this.#died(end))
    this.#send({ type: 'load', token: this.#token, root, processors, base, maxFileBytes })
  }

  get worn(): boolean {
    const { recycleAfterFiles, recycleAboveMb } = this.#options
    return this.#death !== undefined || this.#filesDone >= recycleAfterFiles || this.#rssMb >= recycleAboveMb
  }

  usage(): ExecutorUsage {
    const { pid } = this.#group
    const seen = this.#death === undefined && pid !== 0 ? usageOfProcess(pid) : undefined
    return { pid, ownProcess: true, rssMb: seen?.rssMb ?? this.#rssMb, cpuMs: seen?.cpuMs ?? this.#cpuMs }
  }

  run(assignment: Assignment, onReport: (report: ExecutorReport) => void): Promise<ExecutorEnd> {
    if (this.#startError !== undefined) return Promise.reject(this.#startError)
    if (this.#death !== undefined) return Promise.resolve({ done: false, death: this.#death })
    return new Promise((settle, fail) => {
      this.#work = { assignment, onReport, settle, fail, cursor: 0, foreignMessages: 0 }
      this.#send({ type: 'run', assignment })
      this.#deadline.start()
      this.#lookAtMemory()
    })
  }

  async close(): Promise<void> {
    this.#closing = true
    if (this.#work !== undefined) this.#group.kill()
    // Not disconnect(): after it Node does not tell when the process is gone.
    else this.#send({ type: 'exit' })
    const patienceMs = this.#options.cpuProfDir == null ? POLITE_EXIT_MS : PROFILED_EXIT_MS
    const insist = this.#options.clock.after(patienceMs, () => this.#group.kill())
    await this.#gone
    insist.cancel()
  }

  #send(message: ToWorker): void {
    this.#group.send(message)
  }

  #heard(message: unknown): void {
    if (this.#verdict !== undefined || this.#death !== undefined) return
    const fault = this.#take(message as FromWorker | null | undefined)
    if (fault !== undefined) this.#condemn({ reason: 'crashed', told: `broke the protocol: it ${fault}` })
  }

  /** Gives what is wrong with the message; the process can then no longer be believed. */
  #take(said: FromWorker | null | undefined): string | undefined {
    if (said?.token !== this.#token) return this.#takeForeign(said)
    switch (said.type) {
      case 'ready':
        if (this.#ready) return 'said twice that it is ready'
        this.#ready = true
        if (this.#work !== undefined) this.#deadline.start()
        return undefined
      case 'unable':
        if (this.#ready) return 'said that it cannot start, after it had'
        this.#failToStart(new MillraceError(said.code, said.message, { detail: said.detail }))
        return undefined
      case 'report':
        return this.#takeReport(said)
      case 'done':
        return this.#takeDone(said)
      default:
        return 'sent a message of no known type'
    }
  }

  #takeForeign(said: { readonly type?: unknown } | null | undefined): string | undefined {
    if (said?.type === 'report' || said?.type === 'done') return 'sent an answer that a processor made up'
    if (this.#work === undefined || ++this.#work.foreignMessages <= FOREIGN_MESSAGES) return undefined
    return `sent more than ${FOREIGN_MESSAGES} messages that mean nothing`
  }

  #takeReport({ report, rssMb, cpuMs }: Extract<FromWorker, { type: 'report' }>): string | undefined {
    const work = this.#work
    if (work === undefined) return 'answered without being asked'
    const fault = reportFault(report, work.assignment, work.cursor)
    if (fault !== undefined) return fault
    this.#noteUsage(rssMb, cpuMs)
    // Only a file that settles counts as a sign of life: else a file could put off its deadline for ever.
    if (report.next > work.cursor) this.#deadline.heard()
    work.cursor = report.next
    work.onReport(report)
    return undefined
  }

  #takeDone({ assignmentId, rssMb, cpuMs }: Extract<FromWorker, { type: 'done' }>): string | undefined {
    const work = this.#work
    if (assignmentId !== work?.assignment.assignmentId) return 'said that it is done with a batch it does not have'
    const { length } = work.assignment.files
    if (work.cursor < length) return `said that it is done after ${work.cursor} of ${length} files`
    this.#noteUsage(rssMb, cpuMs)
    this.#filesDone += length
    this.#endWork()?.settle({ done: true })
    return undefined
  }

  #noteUsage(rssMb: number, cpuMs: number): void {
    if (Number.isFinite(rssMb)) this.#rssMb = rssMb
    if (Number.isFinite(cpuMs)) this.#cpuMs = cpuMs
  }

  #tooSilent(allowedS: number): void {
    const told = this.#ready
      ? `answered nothing for ${allowedS} s, the deadline of one file`
      : `was not ready within ${allowedS} s`
    this.#condemn({ reason: 'deadline', told })
  }

  #channelClosed(): void {
    if (this.#closing || this.#death !== undefined) return
    // Most often because it is gone, which the system is about to say.
    this.#disconnected = this.#options.clock.after(DISCONNECTED_MS, () =>
      this.#condemn({ reason: 'crashed', told: 'closed its channel to the engine' }),
    )
  }

  #lookAtMemory(): void {
    const { clock, memoryMb } = this.#options
    this.#memoryLook = clock.after(MEMORY_LOOK_MS, () => {
      const limitMb = memoryMb()
      this.#rssMb = usageOfProcess(this.#group.pid)?.rssMb ?? this.#rssMb
      const told = `held ${Math.round(this.#rssMb)} MB of memory; ${limitMb} MB are allowed`
      if (this.#rssMb > limitMb) this.#condemn({ reason: 'memory', told, evidence: { limitMb } })
      else this.#lookAtMemory()
    })
  }

  #condemn(verdict: Verdict): void {
    if (this.#verdict !== undefined || this.#death !== undefined) return
    this.#verdict = verdict
    this.#group.kill()
  }

  #died(end: ProcessEnd): void {
    this.#disconnected?.cancel()
    const death = describeDeath(end, this.#verdict, this.#options.heapMb, this.#rssMb)
    this.#death = death
    if (!this.#ready) this.#failToStart(startFailure(end, death))
    this.#endWork()?.settle({ done: false, death })
  }

  #failToStart(error: MillraceError): void {
    this.#startError ??= error
    this.#endWork()?.fail(this.#startError)
  }

  #endWork(): Work | undefined {
    const work = this.#work
    this.#work = undefined
    this.#deadline.stop()
    this.#memoryLook?.cancel()
    return work
  }
}
