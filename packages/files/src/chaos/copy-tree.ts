import { copyFile, mkdir } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { seededRandom } from '@millrace/kernel/seeded-random'
import { discoverFiles } from '../discovery/discover-files.ts'
import type { DiscoverOptions } from '../discovery/discovery.ts'
import type { DiscoveredFile } from '../file.ts'
import { processorFor } from '../processor/load-processors.ts'
import type { Processor } from '../processor/processor.ts'
import { chooseSome } from './choose-some.ts'

export interface CopyTreeOptions {
  readonly discover: DiscoverOptions
  readonly processors: readonly Processor[]
  /** Most files; of more, the seed chooses. */
  readonly maxFiles: number
  readonly seed: number
  readonly signal: AbortSignal
}

export interface CopiedTree {
  /** In byte order of the paths. */
  readonly files: readonly DiscoveredFile[]
  /** Files of the tree that a processor takes, copied or not. */
  readonly found: number
  /** Files that could not be read, and so were not copied. */
  readonly unreadable: readonly string[]
}

/** Most bytes of one file: larger ones would make a long job of each of many starts. */
const LARGEST_BYTES = 64 * 1024 * 1024

/**
 * Copies those files of a tree that a processor takes, or a choice of them, to a folder where they may be damaged. The tree is only read.
 * @throws {MillraceError} as `discoverFiles` does, and `PROCESSOR_FAILED` where a `match` throws.
 */
export async function copyTree(from: string, to: string, options: CopyTreeOptions): Promise<CopiedTree> {
  const { discover, processors, maxFiles, seed, signal } = options
  const taken: DiscoveredFile[] = []
  for await (const file of discoverFiles(from, { ...discover, signal })) {
    if (file.size <= LARGEST_BYTES && processorFor(processors, file) !== undefined) taken.push(file)
  }
  const files: DiscoveredFile[] = []
  const unreadable: string[] = []
  for (const file of chooseSome(taken, maxFiles, seededRandom(seed))) {
    signal.throwIfAborted()
    const place = join(to, file.path)
    try {
      await mkdir(dirname(place), { recursive: true })
      await copyFile(join(from, file.path), place)
      files.push(file)
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'ENOSPC') throw error
      unreadable.push(file.path)
    }
  }
  return { files, found: taken.length, unreadable }
}
