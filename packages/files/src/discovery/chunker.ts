import type { DiscoveredFile, ExcludedFile, ExclusionReason } from '../file.ts'
import type { DiscoveryChunk, DiscoveryProblem } from './discovery.ts'
import type { WalkVisitor } from './walk.ts'

/** Entries that fill a chunk. */
const CHUNK_ENTRIES = 1000
/** Age, in milliseconds, at which a chunk goes out unfilled. */
const CHUNK_AGE_MS = 50

/** Gathers what a walk tells into chunks and sends each when it is full or old, never an empty one. */
export class Chunker implements WalkVisitor {
  readonly #send: (chunk: DiscoveryChunk) => void
  readonly #now: () => number
  #files: DiscoveredFile[] = []
  #excluded: ExcludedFile[] = []
  #problems: DiscoveryProblem[] = []
  #sentAt: number

  constructor(send: (chunk: DiscoveryChunk) => void, now: () => number) {
    this.#send = send
    this.#now = now
    this.#sentAt = now()
  }

  file(file: DiscoveredFile): void {
    this.#files.push(file)
    this.#tell()
  }

  excluded(path: string, reason: ExclusionReason): void {
    this.#excluded.push({ path, reason })
    this.#tell()
  }

  problem(problem: DiscoveryProblem): void {
    this.#problems.push(problem)
    this.#tell()
  }

  folder(): void {
    this.#tell()
  }

  /** Sends what is left. */
  flush(): void {
    this.#sentAt = this.#now()
    if (this.#size === 0) return
    this.#send({ files: this.#files, excluded: this.#excluded, problems: this.#problems })
    this.#files = []
    this.#excluded = []
    this.#problems = []
  }

  get #size(): number {
    return this.#files.length + this.#excluded.length + this.#problems.length
  }

  #tell(): void {
    if (this.#size >= CHUNK_ENTRIES || this.#now() - this.#sentAt >= CHUNK_AGE_MS) this.flush()
  }
}
