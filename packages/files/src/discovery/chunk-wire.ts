import type { DiscoveredFile, ExcludedFile } from '../file.ts'
import type { DiscoveryChunk, DiscoveryProblem } from './discovery.ts'
import { classify } from './language.ts'

/** No name on any platform holds it, so it can stand between names. */
const SEPARATOR = '\0'

/**
 * A chunk as it crosses from thread to thread: a column a field.
 *
 * PERF: cloned as objects, a file costs both threads three times as much, most of it in its property names
 * (`npm run bench -- files`).
 */
export interface WireChunk {
  readonly paths: string
  readonly stamps: string
  readonly sizes: Float64Array
  readonly mtimes: Float64Array
  readonly excluded: readonly ExcludedFile[]
  readonly problems: readonly DiscoveryProblem[]
}

/** Packs a chunk to be posted. */
export function packChunk({ files, excluded, problems }: DiscoveryChunk): WireChunk {
  return {
    paths: files.map((file) => file.path).join(SEPARATOR),
    stamps: files.map((file) => file.stamp).join(SEPARATOR),
    sizes: Float64Array.from(files, (file) => file.size),
    mtimes: Float64Array.from(files, (file) => file.mtimeMs),
    excluded,
    problems,
  }
}

/** The chunk that {@link packChunk} was given; language and kind are told from the name again. */
export function unpackChunk({ paths, stamps, sizes, mtimes, excluded, problems }: WireChunk): DiscoveryChunk {
  const stampOf = stamps.split(SEPARATOR)
  const files =
    sizes.length === 0
      ? []
      : paths.split(SEPARATOR).map((path, i): DiscoveredFile => {
          const { language, kind } = classify(path.slice(path.lastIndexOf('/') + 1))
          return { path, size: sizes[i]!, mtimeMs: mtimes[i]!, stamp: stampOf[i]!, language, kind }
        })
  return { files, excluded, problems }
}
