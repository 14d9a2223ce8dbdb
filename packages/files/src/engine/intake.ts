import { isAbsolute, relative, sep } from 'node:path'
import { discoverFiles } from '../discovery/discover-files.ts'
import type { DiscoveryChunk, DiscoveryProblem } from '../discovery/discovery.ts'
import type { ExcludedFile } from '../file.ts'
import type { Ledger, LedgerFile } from '../ledger/ledger.ts'
import { processorFor } from '../processor/load-processors.ts'
import type { Processor } from '../processor/processor.ts'
import type { ResolvedConfig } from './config.ts'
import type { EngineEvent } from './events.ts'

export interface IntakeOptions {
  readonly jobId: string
  /** Absolute path of the tree. */
  readonly root: string
  readonly config: Pick<ResolvedConfig, 'discover' | 'stateDir'>
  readonly processors: readonly Processor[]
  readonly ledger: Ledger
  /** Takes files that are on their way into the ledger, ahead of any call made with them. */
  readonly onFiles: (files: readonly LedgerFile[]) => void
  readonly emit: (event: EngineEvent) => void
}

/**
 * Brings what discovery finds into the ledger, and only then to the job: a file is in the books before a worker can have
 * it. Owns the file ids.
 */
export class Intake {
  readonly problems: DiscoveryProblem[] = []
  readonly #options: IntakeOptions
  #found = 0
  #excluded = 0
  #entered: Promise<void> = Promise.resolve()

  constructor(options: IntakeOptions) {
    this.#options = options
  }

  /** Files that a processor takes. */
  get found(): number {
    return this.#found
  }

  /** Files found and left out. */
  get excluded(): number {
    return this.#excluded
  }

  /**
   * Settles when all that there is has been entered and the ledger knows that it was all.
   * @throws what discovery and the ledger throw; the signal's reason where it aborts.
   */
  async run(signal: AbortSignal): Promise<void> {
    const { root, config, ledger, jobId } = this.#options
    const exclude = [...(config.discover.exclude ?? []), ...globOfFolder(root, config.stateDir)]
    const discovery = discoverFiles(root, { ...config.discover, exclude, signal })
    for await (const chunk of discovery.chunks()) await this.#enter(chunk)
    await this.#entered
    await ledger.endDiscovery(jobId)
  }

  async #enter({ files, excluded, problems }: DiscoveryChunk): Promise<void> {
    const { ledger, jobId, processors, onFiles, emit } = this.#options
    const taken: LedgerFile[] = []
    const left: ExcludedFile[] = [...excluded]
    for (const file of files) {
      if (processorFor(processors, file) === undefined) left.push({ path: file.path, reason: 'no-processor' })
      else taken.push({ ...file, fileId: this.#found + taken.length })
    }
    // One chunk is on its way to the ledger while the next one is found.
    await this.#entered
    this.#entered = ledger.addFiles(jobId, taken, left)
    this.#entered.catch(() => {})
    this.#found += taken.length
    this.#excluded += left.length
    onFiles(taken)
    for (const problem of problems) {
      this.problems.push(problem)
      emit({ type: 'discovery-problem', problem })
    }
    emit({ type: 'discovery-progress', found: this.#found, excluded: this.#excluded })
  }
}

/** A glob that prunes `folder`, where it lies below `root`: the ledger is not part of the tree it is about. */
function globOfFolder(root: string, folder: string): string[] {
  const below = relative(root, folder)
  if (below === '' || below.startsWith('..') || isAbsolute(below)) return []
  const literal = below.replaceAll(/[\\*?{}()[\]!+@|]/g, (character) => (character === sep ? '/' : `\\${character}`))
  return [`/${literal}`]
}
