import { compareBytes } from '../discovery/byte-order.ts'
import type { DiscoveryChunk, DiscoveryProblem } from '../discovery/discovery.ts'
import type { ExcludedFile } from '../file.ts'
import type { Books, FoundChunk, FoundFile, Ledger, LedgerFile, Met, Reuse } from '../ledger/ledger.ts'
import { processorFor } from '../processor/load-processors.ts'
import { type Processor, tagOf } from '../processor/processor.ts'
import type { EngineEvent } from './events.ts'
import type { WalkAhead } from './walk-ahead.ts'

export interface IntakeOptions {
  readonly jobId: string
  readonly walk: WalkAhead
  readonly reuse: Reuse
  readonly processors: readonly Processor[]
  readonly ledger: Ledger
  /** Makes a call that writes to the ledger, again where the disk was full. */
  readonly insist: <T>(call: () => Promise<T>) => Promise<T>
  /** Whether unchanged files in quarantine are tried again. */
  readonly retryQuarantined: boolean
  /** Takes files that the ledger says are to be processed. */
  readonly onFiles: (files: readonly LedgerFile[]) => void
  readonly emit: (event: EngineEvent) => void
}

/**
 * Brings the ledger up to date with what discovery finds, and hands on what the ledger then says is to be done: a file is in the books before a
 * worker can have it, and one whose result stands is not processed again.
 */
export class Intake {
  readonly problems: DiscoveryProblem[] = []
  readonly #options: IntakeOptions
  readonly #tags: ReadonlyMap<Processor, string>
  /** Handed on before the walk came to them. */
  #ahead: ReadonlySet<number> = new Set()
  readonly #unmet = new Set<number>()
  #found = 0
  #excluded = 0
  #unchanged = 0
  #unchangedBytes = 0
  #stillQuarantined = 0
  #removed = 0
  #meeting: Promise<void> = Promise.resolve()

  constructor(options: IntakeOptions) {
    this.#options = options
    this.#tags = new Map(options.processors.map((processor) => [processor, tagOf(processor)]))
  }

  /** Files that a processor takes. */
  get found(): number {
    return this.#found
  }

  /** Files found and left out. */
  get excluded(): number {
    return this.#excluded
  }

  /** Files whose kept result stands, told by their stamp. */
  get unchanged(): number {
    return this.#unchanged
  }

  get unchangedBytes(): number {
    return this.#unchangedBytes
  }

  /** Files that stay in quarantine. */
  get stillQuarantined(): number {
    return this.#stillQuarantined
  }

  /** Files handed on ahead that the walk has not come to yet: it counts what became of them when it does. */
  get unmet(): ReadonlySet<number> {
    return this.#unmet
  }

  /** Files that are gone since the tree was last met. */
  get removed(): number {
    return this.#removed
  }

  /**
   * Hands on files that the ledger has as pending from an earlier start, before the walk comes to them, so that the first results of a resumed
   * job do not wait for it.
   */
  handAhead(files: readonly LedgerFile[]): void {
    this.#ahead = new Set(files.map(({ fileId }) => fileId))
    for (const fileId of this.#ahead) this.#unmet.add(fileId)
    this.#options.onFiles(files)
  }

  /**
   * Settles when the ledger is up to date with all that there is, and knows that it was all.
   * @throws what discovery and the ledger throw; the signal's reason where it aborts.
   */
  async run(signal: AbortSignal): Promise<void> {
    const { walk, ledger, insist, jobId, emit } = this.#options
    for await (const chunk of walk.chunks(signal)) await this.#meet(chunk)
    await this.#meeting
    const unmet = walk.within === undefined ? 'gone' : 'stands'
    this.#removed += await insist(() => ledger.endDiscovery(jobId, unmet))
    emit({ type: 'tree-met', unchanged: this.#unchanged, removed: this.#removed })
  }

  async #meet({ files, excluded, problems }: DiscoveryChunk): Promise<void> {
    const { walk, ledger, insist, jobId, reuse, retryQuarantined, emit } = this.#options
    const { within } = walk
    const sent = sorted(files, excluded, this.#options.processors, this.#tags)
    const found = within === undefined ? sent : { ...sent, within }
    // One chunk is on its way to the ledger while the next one is found.
    await this.#meeting
    this.#meeting = insist(() => ledger.meetFiles(jobId, found, { reuse, retryQuarantined })).then(async (met) => {
      if (within !== undefined) this.#takeUnmet(found, met, await ledger.books(jobId))
      this.#take(found, met)
    })
    this.#meeting.catch(() => {})
    for (const problem of problems) {
      this.problems.push(problem)
      emit({ type: 'discovery-problem', problem })
    }
  }

  /** Takes in the rest of a tree of which only a part is met: there all is settled. */
  #takeUnmet({ files, excluded }: FoundChunk, met: Met, books: Books): void {
    const unmet = books.discovered - books.excluded - files.length
    const quarantined = books.quarantined - met.stillQuarantined
    this.#found += unmet
    this.#excluded += books.excluded - excluded.length
    this.#unchanged += unmet - quarantined
    this.#stillQuarantined += quarantined
  }

  #take({ files, excluded }: FoundChunk, met: Met): void {
    this.#found += files.length
    this.#excluded += excluded.length
    this.#unchanged += met.unchanged
    this.#unchangedBytes += met.unchangedBytes
    this.#stillQuarantined += met.stillQuarantined
    this.#removed += met.removed
    const ahead = this.#ahead
    for (const { fileId } of met.pending) this.#unmet.delete(fileId)
    const reopened = new Set(met.reopened)
    // What was handed on ahead is with the workers, unless it settled and has changed since.
    const pending =
      ahead.size === 0 ? met.pending : met.pending.filter(({ fileId }) => !ahead.has(fileId) || reopened.has(fileId))
    if (pending.length > 0) this.#options.onFiles(pending)
    this.#options.emit({ type: 'discovery-progress', found: this.#found, excluded: this.#excluded })
  }
}

/** The chunk with each file's processor; files that none takes are among the excluded ones, in their place. */
function sorted(
  files: DiscoveryChunk['files'],
  excluded: readonly ExcludedFile[],
  processors: readonly Processor[],
  tags: ReadonlyMap<Processor, string>,
): FoundChunk {
  const taken: FoundFile[] = []
  const left: ExcludedFile[] = []
  let next = 0
  for (const file of files) {
    const processor = processorFor(processors, file)
    if (processor !== undefined) {
      taken.push({ ...file, processor: tags.get(processor)! })
      continue
    }
    while (next < excluded.length && compareBytes(excluded[next]!.path, file.path) < 0) left.push(excluded[next++]!)
    left.push({ path: file.path, reason: 'no-processor' })
  }
  while (next < excluded.length) left.push(excluded[next++]!)
  return { files: taken, excluded: left }
}
