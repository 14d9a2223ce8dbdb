import type {
  AssignedFile,
  Assignment,
  Executor,
  ExecutorDeath,
  ExecutorEnd,
  ExecutorReport,
} from '../../src/worker/executor.ts'

/** What a file does when it is its turn. */
export type FileScript =
  | { readonly act: 'deliver' }
  | { readonly act: 'confirm' }
  | {
      readonly act: 'fail'
      readonly code: string
      readonly transient: boolean
      readonly evidence?: Readonly<Record<string, unknown>>
    }
  | { readonly act: 'die'; readonly reason: ExecutorDeath['reason'] }

/**
 * An executor whose files do as a script says: an implementation of the port without processes, so that every course of events can be
 * played on a virtual clock. It reports as a worker does: in groups of `grain`, or before each file in a cautious run.
 */
export class ScriptedExecutor implements Executor {
  readonly worn = false
  closed = false
  readonly #script: (file: AssignedFile) => FileScript
  readonly #grain: number
  readonly #started: ((files: readonly AssignedFile[]) => Promise<void> | void) | undefined
  readonly #pace: (file: AssignedFile) => Promise<void>

  constructor(
    script: (file: AssignedFile) => FileScript,
    grain = 3,
    started?: (files: readonly AssignedFile[]) => Promise<void> | void,
    /** What a file takes before it does as its script says. */
    pace: (file: AssignedFile) => Promise<void> = async () => {},
  ) {
    this.#script = script
    this.#grain = grain
    this.#started = started
    this.#pace = pace
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
    let confirmed: ExecutorReport['confirmed'][number][] = []
    let failed: ExecutorReport['failed'][number][] = []
    let highlights: ExecutorReport['highlights'][number][] = []
    const report = (next: number) => {
      onReport({ assignmentId, delivered, confirmed, failed, next, highlights })
      delivered = []
      confirmed = []
      failed = []
      highlights = []
    }
    for (const [index, file] of files.entries()) {
      if (cautious || index % this.#grain === 0) report(index)
      await this.#pace(file)
      const script = this.#script(file)
      if (script.act === 'die') {
        return { done: false, death: { reason: script.reason, detail: 'The worker died', evidence: {} } }
      }
      if (script.act === 'fail') {
        const { code, transient, evidence = {} } = script
        failed.push({ index, code, message: code, transient, ms: 1, evidence })
      } else if (script.act === 'confirm') {
        confirmed.push({ index, ms: 1, bytes: file.size, stamp: file.stamp })
      } else {
        const record = `{"path":"${file.path}"}`
        delivered.push({ index, hash: 'h', record, ms: 1, bytes: file.size, stamp: file.stamp })
        highlights.push({ index, list: 'files', label: file.path, value: index })
      }
    }
    report(files.length)
    return { done: true }
  }

  async close(): Promise<void> {
    this.closed = true
  }
}
