import type { BigIntStats } from 'node:fs'
import type { ExclusionReason } from '../file.ts'
import { STAMP_WORDS, writeStamp } from '../stamp.ts'
import { SEPARATOR, type WireChunk } from './chunk-wire.ts'
import type { DiscoveryProblem } from './discovery.ts'
import type { WalkVisitor } from './walk.ts'

/** Entries that fill a chunk. */
const CHUNK_ENTRIES = 1000
/** Age, in milliseconds, at which a chunk goes out unfilled. */
const CHUNK_AGE_MS = 50
/** Entries told between two looks at the clock, which every folder entered takes too. */
const ENTRIES_PER_LOOK = 50

/**
 * Packs what a walk tells into chunks and sends each when it is full or old, never an empty one.
 *
 * PERF: what is told goes straight into columns: an object and a stamp's text a file, to be packed later, cost the walk a third of its
 * time (`npm run bench -- files/discovery`).
 */
export class Chunker implements WalkVisitor {
  readonly #send: (chunk: WireChunk) => void
  readonly #now: () => number
  #sentAt: number
  #files = 0
  /** Each followed by a separator; so are the excluded ones. */
  #paths = ''
  readonly #sizes = new Float64Array(CHUNK_ENTRIES)
  readonly #mtimes = new Float64Array(CHUNK_ENTRIES)
  readonly #stamps = new BigInt64Array(CHUNK_ENTRIES * STAMP_WORDS)
  #excludedPaths = ''
  #reasons: ExclusionReason[] = []
  #problems: DiscoveryProblem[] = []

  constructor(send: (chunk: WireChunk) => void, now: () => number) {
    this.#send = send
    this.#now = now
    this.#sentAt = now()
  }

  file(path: string, stats: BigIntStats): void {
    const index = this.#files++
    this.#paths += path + SEPARATOR
    this.#sizes[index] = Number(stats.size)
    this.#mtimes[index] = Number(stats.mtimeMs)
    writeStamp(this.#stamps, index, stats)
    this.#tell()
  }

  excluded(path: string, reason: ExclusionReason): void {
    this.#excludedPaths += path + SEPARATOR
    this.#reasons.push(reason)
    this.#tell()
  }

  problem(problem: DiscoveryProblem): void {
    this.#problems.push(problem)
    this.#tell()
  }

  folder(): void {
    if (this.#now() - this.#sentAt >= CHUNK_AGE_MS) this.flush()
  }

  /** Sends what is left. */
  flush(): void {
    this.#sentAt = this.#now()
    if (this.#size === 0) return
    const files = this.#files
    this.#send({
      files: {
        paths: this.#paths,
        sizes: this.#sizes.slice(0, files),
        mtimes: this.#mtimes.slice(0, files),
        stamps: this.#stamps.slice(0, files * STAMP_WORDS),
      },
      excluded: { paths: this.#excludedPaths, reasons: this.#reasons },
      problems: this.#problems,
    })
    this.#files = 0
    this.#paths = ''
    this.#excludedPaths = ''
    this.#reasons = []
    this.#problems = []
  }

  get #size(): number {
    return this.#files + this.#reasons.length + this.#problems.length
  }

  #tell(): void {
    const size = this.#size
    if (size === CHUNK_ENTRIES) this.flush()
    else if (size % ENTRIES_PER_LOOK === 0) this.folder()
  }
}
