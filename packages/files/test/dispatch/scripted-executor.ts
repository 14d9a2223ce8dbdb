import type { DiscoveredFile } from '../../src/file.ts'
import type { Assignment, Executor, ExecutorDeath, ExecutorEnd, ExecutorReport } from '../../src/worker/executor.ts'

/** What a file does when it is its turn. */
export type FileScript =
  | { readonly act: 'deliver' }
  | { readonly act: 'fail'; readonly code: string; readonly transient: boolean }
  | { readonly act: 'die'; readonly reason: ExecutorDeath['reason'] }

/**
 * An executor whose files do as a script says: an implementation of the port without processes, so that every course of events can be
 * played on a virtual clock. It reports as a worker does: in groups of `grain`, or before each file in a cautious run.
 */
export class ScriptedExecutor implements Executor {
  readonly worn = false
  closed = false
  readonly #script: (file: DiscoveredFile) => FileScript
  readonly #grain: number
  readonly #started: ((files: readonly DiscoveredFile[]) => Promise<void> | void) | undefined

  constructor(
    script: (file: DiscoveredFile) => FileScript,
    grain = 3,
    started?: (files: readonly DiscoveredFile[]) => Promise<void> | void,
  ) {
    this.#script = script
    this.#grain = grain
    this.#started = started
  }

  usage() {
    return { pid: 0, ownProcess: true, rssMb: 0, cpuMs: 0 }
  }

  async run(
    { assignmentId, files, cautious }: Assignment,
    onReport: (report: ExecutorReport) => void,
  ): Promise<ExecutorEnd> {
    await this.#started?.(files)
    let delivered: ExecutorReport['delivered'][number][] = []
    let failed: ExecutorReport['failed'][number][] = []
    const report = (next: number) => {
      onReport({ assignmentId, delivered, failed, next, highlights: [] })
      delivered = []
      failed = []
    }
    for (const [index, file] of files.entries()) {
      if (cautious || index % this.#grain === 0) report(index)
      await Promise.resolve()
      const script = this.#script(file)
      if (script.act === 'die') {
        return { done: false, death: { reason: script.reason, detail: 'The worker died', evidence: {} } }
      }
      if (script.act === 'fail') {
        const { code, transient } = script
        failed.push({ index, code, message: code, transient, ms: 1, evidence: {} })
      } else delivered.push({ index, hash: 'h', record: `{"path":"${file.path}"}`, ms: 1, bytes: file.size })
    }
    report(files.length)
    return { done: true }
  }

  async close(): Promise<void> {
    this.closed = true
  }
}
