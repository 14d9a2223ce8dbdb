import { isAbsolute, relative, sep } from 'node:path'
import { discoverFiles } from '../discovery/discover-files.ts'
import type { DiscoveryChunk } from '../discovery/discovery.ts'
import type { ResolvedConfig } from './config.ts'

/**
 * Discovery of a job's tree, begun when this is made: its thread is up, and has found its first files, when the ledger is open.
 *
 * What it holds ahead is a few thousand entries; so it is made when the job is about to start, not before a wait.
 */
export class WalkAhead implements AsyncDisposable {
  readonly #stop = new AbortController()
  readonly #chunks: AsyncIterator<DiscoveryChunk>
  readonly #first: Promise<IteratorResult<DiscoveryChunk>>

  /** @throws {MillraceError} `OPTION_INVALID`. */
  constructor(root: string, config: Pick<ResolvedConfig, 'discover' | 'stateDir'>) {
    const exclude = [...(config.discover.exclude ?? []), ...globOfFolder(root, config.stateDir)]
    const discovery = discoverFiles(root, { ...config.discover, exclude, signal: this.#stop.signal })
    this.#chunks = discovery.chunks()[Symbol.asyncIterator]()
    this.#first = this.#chunks.next()
    // Whoever reads the chunks hears of it.
    this.#first.catch(() => {})
  }

  /**
   * What the walk finds, once.
   * @throws what discovery throws; the signal's reason where it aborts.
   */
  async *chunks(signal: AbortSignal): AsyncGenerator<DiscoveryChunk, void, undefined> {
    const stop = () => this.#stop.abort(signal.reason)
    signal.addEventListener('abort', stop, { once: true })
    if (signal.aborted) stop()
    try {
      for (let next = await this.#first; next.done !== true; next = await this.#chunks.next()) yield next.value
    } finally {
      signal.removeEventListener('abort', stop)
    }
  }

  /** Ends the walk, wherever it is. */
  async [Symbol.asyncDispose](): Promise<void> {
    this.#stop.abort(new DOMException('The job is over', 'AbortError'))
    await this.#first.catch(() => {})
    await this.#chunks.return?.().catch(() => {})
  }
}

/** A glob that prunes `folder`, where it lies below `root`: the ledger is not part of the tree it is about. */
function globOfFolder(root: string, folder: string): string[] {
  const below = relative(root, folder)
  if (below === '' || below.startsWith('..') || isAbsolute(below)) return []
  const literal = below.replaceAll(/[\\*?{}()[\]!+@|]/g, (character) => (character === sep ? '/' : `\\${character}`))
  return [`/${literal}`]
}
