import { isAbsolute, relative, sep } from 'node:path'
import { discoverFiles } from '../discovery/discover-files.ts'
import { discoverWithin } from '../discovery/discover-within.ts'
import type { DiscoveryChunk } from '../discovery/discovery.ts'
import type { PathScope } from '../discovery/path-scope.ts'
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
  /** What it is about, where that is a part of the tree: then there is one chunk. */
  readonly within: readonly string[] | undefined

  /**
   * @param scope The part of the tree that is to be looked at. Where there is much in it, all is. @default all
   * @throws {MillraceError} `OPTION_INVALID`.
   */
  constructor(root: string, config: Pick<ResolvedConfig, 'discover' | 'stateDir'>, scope?: PathScope) {
    const exclude = [...(config.discover.exclude ?? []), ...globOfFolder(root, config.stateDir)]
    const rules = { ...config.discover, exclude }
    const part = scope && discoverWithin(root, rules, scope)
    this.within = part && scope?.paths
    const chunks =
      part === undefined ? discoverFiles(root, { ...rules, signal: this.#stop.signal }).chunks() : once(part)
    this.#chunks = chunks[Symbol.asyncIterator]()
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

async function* once(chunk: DiscoveryChunk): AsyncGenerator<DiscoveryChunk, void, undefined> {
  yield chunk
}

/** A glob that prunes `folder`, where it lies below `root`: the ledger is not part of the tree it is about. */
function globOfFolder(root: string, folder: string): string[] {
  const below = relative(root, folder)
  if (below === '' || below.startsWith('..') || isAbsolute(below)) return []
  const literal = below.replaceAll(/[\\*?{}()[\]!+@|]/g, (character) => (character === sep ? '/' : `\\${character}`))
  return [`/${literal}`]
}
