import type { DiscoveredFile, ExcludedFile, ExclusionReason } from '../file.ts'
import { readStamps } from '../stamp.ts'
import type { DiscoveryChunk, DiscoveryProblem } from './discovery.ts'
import { classify } from './language.ts'

/** No name on any platform holds it, so it can stand between names. */
export const SEPARATOR = '\0'

/**
 * Files as they cross from thread to thread: a column a field.
 *
 * PERF: cloned as objects, a file costs both threads three times as much, most of it in its property names
 * (`npm run bench -- files`).
 */
export interface FileColumns {
  readonly paths: string
  readonly sizes: Float64Array
  readonly mtimes: Float64Array
  /** Numbers, as the walk has them, or text where that was made of them before. */
  readonly stamps: BigInt64Array | string
}

/** Excluded files as they cross from thread to thread. */
export interface ExcludedColumns {
  readonly paths: string
  readonly reasons: readonly ExclusionReason[]
}

/** A chunk as it crosses from thread to thread. */
export interface WireChunk {
  readonly files: FileColumns
  readonly excluded: ExcludedColumns
  readonly problems: readonly DiscoveryProblem[]
}

/** The chunk that was packed. */
export function unpackChunk({ files, excluded, problems }: WireChunk): DiscoveryChunk {
  return { files: unpackFiles(files), excluded: unpackExcluded(excluded), problems }
}

/** Packs files to be posted; language and kind are told from the name again where they arrive. */
export function packFiles(files: readonly DiscoveredFile[]): FileColumns {
  return {
    paths: files.map((file) => file.path).join(SEPARATOR),
    sizes: Float64Array.from(files, (file) => file.size),
    mtimes: Float64Array.from(files, (file) => file.mtimeMs),
    stamps: files.map((file) => file.stamp).join(SEPARATOR),
  }
}

/** The files that were packed. */
export function unpackFiles({ paths, sizes, mtimes, stamps }: FileColumns): DiscoveredFile[] {
  const pathOf = paths.split(SEPARATOR)
  const stampOf = typeof stamps === 'string' ? stamps.split(SEPARATOR) : readStamps(stamps)
  const files: DiscoveredFile[] = []
  for (let i = 0; i < sizes.length; i++) {
    const path = pathOf[i]!
    const { language, kind } = classify(path.slice(path.lastIndexOf('/') + 1))
    files.push({ path, size: sizes[i]!, mtimeMs: mtimes[i]!, stamp: stampOf[i]!, language, kind })
  }
  return files
}

/** Packs excluded files to be posted. */
export function packExcluded(excluded: readonly ExcludedFile[]): ExcludedColumns {
  return {
    paths: excluded.map(({ path }) => path).join(SEPARATOR),
    reasons: excluded.map(({ reason }) => reason),
  }
}

/** The excluded files that were packed. */
export function unpackExcluded({ paths, reasons }: ExcludedColumns): ExcludedFile[] {
  const pathOf = paths.split(SEPARATOR)
  return reasons.map((reason, i) => ({ path: pathOf[i]!, reason }))
}
