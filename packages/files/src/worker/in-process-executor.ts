import type { Clock } from '@millrace/kernel/clock'
import { MillraceError } from '@millrace/kernel/errors'
import type { FileInput, ProcessedRecord, Processor } from '../processor/processor.ts'
import { diskFs, type ReadFs } from '../processor/read-fs.ts'
import type { Assignment, Executor, ExecutorEnd, ExecutorReport, ExecutorUsage } from './executor.ts'
import { processFiles } from './process-files.ts'

/** One file in, its record out: a processor without a name, for `processBatch` and `executeParallelBatches`. */
export type ProcessorFunction = (input: FileInput) => ProcessedRecord | Promise<ProcessedRecord>

export interface InProcessExecutorOptions {
  readonly clock: Clock
  readonly root: string
  readonly processor: ProcessorFunction
  readonly maxFileBytes: number
  readonly deadlineMs: () => number
  /** Where files are read. @default this machine's */
  readonly fs?: ReadFs
}

/**
 * Runs a closure here, in the caller's process. **Not isolated**: a closure that never returns, exhausts memory or exits takes the
 * caller along. An asynchronous one that outlasts the deadline is given up (its file fails with `FILE_DEADLINE`) but cannot
 * be stopped. Name a module instead to have worker processes.
 */
export class InProcessExecutor implements Executor {
  readonly worn = false
  readonly #options: InProcessExecutorOptions
  readonly #processor: Processor

  constructor(options: InProcessExecutorOptions) {
    this.#options = options
    this.#processor = {
      name: options.processor.name || 'closure',
      version: '0',
      match: () => true,
      process: (input) => this.#withinDeadline(input),
    }
  }

  usage(): ExecutorUsage {
    return { pid: process.pid, ownProcess: false, rssMb: 0, cpuMs: 0 }
  }

  async run(assignment: Assignment, onReport: (report: ExecutorReport) => void): Promise<ExecutorEnd> {
    const { root, maxFileBytes, clock, fs = diskFs } = this.#options
    const ports = { fs, wallNow: () => clock.wallNow() }
    await processFiles(assignment, { root, processors: [this.#processor], maxFileBytes, ports }, async (report) => {
      onReport(report)
      // Other workers of this process, and the caller, get their turn.
      await new Promise((resolve) => setImmediate(resolve))
    })
    return { done: true }
  }

  async close(): Promise<void> {}

  #withinDeadline(input: FileInput): ProcessedRecord | Promise<ProcessedRecord> {
    const output = this.#options.processor(input)
    if (!(output instanceof Promise)) return output
    const deadlineMs = this.#options.deadlineMs()
    return new Promise((resolve, reject) => {
      const timer = this.#options.clock.after(deadlineMs, () => {
        reject(
          new MillraceError(
            'FILE_DEADLINE',
            `${input.file.path} was not done within ${deadlineMs / 1000} s, the deadline of one file.`,
            { detail: { deadlineMs } },
          ),
        )
      })
      output.then(resolve, reject).finally(() => timer.cancel())
    })
  }
}
