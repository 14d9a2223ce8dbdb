import { type ChildProcess, fork } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { setPriority } from 'node:os'
import { type Clock, MillraceError, type Timer } from '@millrace/kernel'
import { entryArgs } from '../entry-args.ts'
import { entryUrl } from '../entry-url.ts'
import type { Assignment, Executor, ExecutorDeath, ExecutorEnd, ExecutorReport, ExecutorUsage } from './executor.ts'
import type { FromWorker, ToWorker } from './protocol.ts'

export interface ChildExecutorOptions {
  readonly clock: Clock
  readonly root: string
  readonly processors: readonly string[]
  /** Absolute path that relative processor specifiers are resolved against. */
  readonly base: string
  readonly maxFileBytes: number
  /** Heap limit of the process, MB. */
  readonly heapMb: number
  /** The deadline of one file, milliseconds; asked anew for each assignment. */
  readonly deadlineMs: () => number
  readonly recycleAfterFiles: number
  readonly recycleAboveMb: number
  readonly onOutput?: (line: string) => void
}

/** A report is sent every 50 ms between files; a loaded machine may take this much longer to bring it. */
const REPORT_SLACK_MS = 250
/** How long a process may take to start and load its processors. */
const START_DEADLINE_MS = 30_000
/** How long the last words of a dead process are waited for. */
const LAST_WORDS_MS = 500
/** The end of a process's error output that is kept as evidence, characters. */
const STDERR_KEPT = 4096

interface Work {
  readonly assignment: Assignment
  readonly onReport: (report: ExecutorReport) => void
  readonly settle: (end: ExecutorEnd) => void
  readonly fail: (error: MillraceError) => void
}

/**
 * A worker process of its own for one assignment at a time: what crashes, hangs or leaks in it harms nothing else.
 *
 * The deadline is kept from outside, by the time since the process last reported, so that a file under its deadline is never
 * the reason for an end.
 */
export class ChildExecutor implements Executor {
  readonly #options: ChildExecutorOptions
  readonly #child: ChildProcess
  readonly #exited: Promise<void>
  #ready = false
  #work: Work | undefined
  #lastHeard: number
  #watch: Timer | undefined
  #death: ExecutorDeath | undefined
  #deadlineHit = false
  #startError: MillraceError | undefined
  #stderr = ''
  #filesDone = 0
  #rssMb = 0
  #cpuMs = 0

  constructor(options: ChildExecutorOptions) {
    this.#options = options
    this.#lastHeard = options.clock.now()
    const child = fork(entryUrl('./worker-process', import.meta.url), [], {
      serialization: 'advanced',
      stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
      execArgv: [...entryArgs(), `--max-old-space-size=${options.heapMb}`],
    })
    this.#child = child
    stepBack(child.pid)
    this.#exited = new Promise((resolve) => {
      let over = false
      let patience: Timer | undefined
      const end = (code: number | null, signal: NodeJS.Signals | null) => {
        if (over) return
        over = true
        patience?.cancel()
        this.#died(code, signal)
        resolve()
      }
      // `close`, not `exit`: the last words on stderr belong to the evidence. But a process that the processor started may hold
      // the pipes open for ever.
      child.once('close', end)
      child.once('exit', (code, signal) => {
        patience = options.clock.after(LAST_WORDS_MS, () => {
          child.stdout?.destroy()
          child.stderr?.destroy()
          end(code, signal)
        })
      })
      child.once('error', (error) => {
        this.#stderr = (this.#stderr + error.message).slice(-STDERR_KEPT)
        if (child.pid === undefined) end(null, null)
      })
    })
    child.on('message', (message: FromWorker) => this.#heard(message))
    child.stdout?.setEncoding('utf8').on('data', (text: string) => this.#tellOutput(text))
    child.stderr?.setEncoding('utf8').on('data', (text: string) => {
      this.#stderr = (this.#stderr + text).slice(-STDERR_KEPT)
      this.#tellOutput(text)
    })
    const { root, processors, base, maxFileBytes } = options
    this.#send({ type: 'load', root, processors, base, maxFileBytes })
  }

  get worn(): boolean {
    return this.#filesDone >= this.#options.recycleAfterFiles || this.#rssMb >= this.#options.recycleAboveMb
  }

  usage(): ExecutorUsage {
    const pid = this.#child.pid ?? 0
    const seen = this.#death === undefined ? usageOfProcess(pid) : undefined
    return { pid, ownProcess: true, rssMb: seen?.rssMb ?? this.#rssMb, cpuMs: seen?.cpuMs ?? this.#cpuMs }
  }

  run(assignment: Assignment, onReport: (report: ExecutorReport) => void): Promise<ExecutorEnd> {
    if (this.#startError !== undefined) return Promise.reject(this.#startError)
    if (this.#death !== undefined) return Promise.resolve({ done: false, death: this.#death })
    return new Promise((settle, fail) => {
      this.#work = { assignment, onReport, settle, fail }
      this.#lastHeard = this.#options.clock.now()
      this.#send({ type: 'run', assignment })
      this.#watchDeadline()
    })
  }

  async close(): Promise<void> {
    if (this.#work !== undefined) this.#child.kill('SIGKILL')
    // Not disconnect(): after it Node does not tell when the process is gone.
    else this.#send({ type: 'exit' })
    const insist = this.#options.clock.after(2000, () => this.#child.kill('SIGKILL'))
    await this.#exited
    insist.cancel()
  }

  #send(message: ToWorker): void {
    // A process that is gone cannot be told anything; its `close` event says what there is to say.
    this.#child.send(message, () => {})
  }

  #heard(message: FromWorker): void {
    this.#lastHeard = this.#options.clock.now()
    const work = this.#work
    switch (message.type) {
      case 'ready':
        this.#ready = true
        if (work !== undefined) this.#watchDeadline()
        return
      case 'unable':
        this.#failToStart(new MillraceError(message.code, message.message, { detail: message.detail }))
        return
      case 'report':
        this.#rssMb = message.rssMb
        this.#cpuMs = message.cpuMs
        if (message.report.assignmentId === work?.assignment.assignmentId) work.onReport(message.report)
        return
      case 'done':
        this.#rssMb = message.rssMb
        this.#cpuMs = message.cpuMs
        if (message.assignmentId !== work?.assignment.assignmentId) return
        this.#filesDone += work.assignment.files.length
        this.#work = undefined
        this.#watch?.cancel()
        work.settle({ done: true })
    }
  }

  #watchDeadline(): void {
    const { clock } = this.#options
    const allowedMs = (this.#ready ? this.#options.deadlineMs() : START_DEADLINE_MS) + REPORT_SLACK_MS
    const silentMs = clock.now() - this.#lastHeard
    this.#watch?.cancel()
    if (silentMs < allowedMs) {
      this.#watch = clock.after(allowedMs - silentMs, () => this.#watchDeadline())
      return
    }
    // This process may itself have been held up: what the worker has sent by now is read before the verdict.
    this.#watch = clock.after(0, () => {
      setImmediate(() => {
        if (this.#work === undefined || this.#death !== undefined) return
        if (clock.now() - this.#lastHeard < allowedMs) {
          this.#watchDeadline()
          return
        }
        this.#deadlineHit = true
        this.#child.kill('SIGKILL')
      })
    })
  }

  #died(code: number | null, signal: NodeJS.Signals | null): void {
    this.#watch?.cancel()
    const deadlineS = this.#options.deadlineMs() / 1000
    const outOfMemory = this.#stderr.includes('heap out of memory')
    const detail = this.#deadlineHit
      ? `answered nothing for ${deadlineS} s, the deadline of one file`
      : outOfMemory
        ? `ran out of its heap of ${this.#options.heapMb} MB`
        : signal !== null
          ? `was killed by ${signal}`
          : code !== null
            ? `exited with code ${code}`
            : 'could not be started'
    this.#death = {
      reason: this.#deadlineHit ? 'deadline' : 'crashed',
      detail: `The worker process ${detail}`,
      evidence: {
        ...(signal !== null && { signal }),
        ...(code !== null && { exitCode: code }),
        ...(outOfMemory && { heapMb: this.#options.heapMb }),
        rssMb: Math.round(this.#rssMb),
        stderr: this.#stderr.trim().split('\n').slice(-12).join('\n'),
      },
    }
    if (!this.#ready) {
      const lastWords = lastLine(this.#stderr) || '(none)'
      this.#failToStart(
        new MillraceError(
          'WORKER_START_FAILED',
          `${this.#death.detail} before it was ready. Its last words: ${lastWords}`,
          { detail: this.#death.evidence },
        ),
      )
    }
    this.#work?.settle({ done: false, death: this.#death })
    this.#work = undefined
  }

  #failToStart(error: MillraceError): void {
    this.#startError ??= error
    this.#work?.fail(this.#startError)
    this.#work = undefined
  }

  #tellOutput(text: string): void {
    if (this.#options.onOutput === undefined) return
    for (const line of text.split('\n')) if (line !== '') this.#options.onOutput(line)
  }
}

function lastLine(text: string): string {
  return text.trim().split('\n').at(-1)!.slice(0, 300)
}

/** A little below normal. */
const WORKER_PRIORITY = 5

/**
 * Lets the engine go before its workers, and whatever else the machine does: the one that feeds them all should never wait
 * for one of them.
 *
 * PERF: with as many workers as cores this saves about a twentieth of a job's time (`bench/files/end-to-end.bench.ts`).
 */
function stepBack(pid: number | undefined): void {
  try {
    if (pid !== undefined) setPriority(pid, WORKER_PRIORITY)
  } catch {
    // It is gone already, or the system does not allow it: its work is the same.
  }
}

const CLOCK_TICKS_PER_S = 100
const PAGE_BYTES = 4096

/** Read from outside, so that a worker that hangs is measured too. Linux only; elsewhere the worker's last word counts. */
function usageOfProcess(pid: number): { rssMb: number; cpuMs: number } | undefined {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'latin1')
    // The second field, the command, may hold spaces: the numbers start after its closing bracket.
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
    const ticks = Number(fields[11]) + Number(fields[12])
    return { rssMb: (Number(fields[21]) * PAGE_BYTES) / 1048576, cpuMs: (ticks * 1000) / CLOCK_TICKS_PER_S }
  } catch {
    return undefined
  }
}
