import { unpackChunk } from '../../src/discovery/chunk-wire.ts'
import { Chunker } from '../../src/discovery/chunker.ts'
import { WALK_DEFAULTS, type WalkOptions } from '../../src/discovery/discover-options.ts'
import type { DiscoveryProblem } from '../../src/discovery/discovery.ts'
import { walk } from '../../src/discovery/walk.ts'
import type { WalkFs } from '../../src/discovery/walk-fs.ts'
import type { DiscoveredFile } from '../../src/file.ts'

/** All that a walk told. */
export interface Collected {
  readonly files: readonly DiscoveredFile[]
  readonly paths: readonly string[]
  /** Reasons by path. */
  readonly excluded: Readonly<Record<string, string>>
  readonly problems: readonly DiscoveryProblem[]
}

/** Walks to the end, without a thread. */
export function collect(root: string, options: Partial<WalkOptions> = {}, fs?: WalkFs): Collected {
  const files: DiscoveredFile[] = []
  const excluded: Record<string, string> = {}
  const problems: DiscoveryProblem[] = []
  const chunker = new Chunker(
    (wire) => {
      const chunk = unpackChunk(wire)
      files.push(...chunk.files)
      for (const { path, reason } of chunk.excluded) excluded[path] = reason
      problems.push(...chunk.problems)
    },
    () => 0,
  )
  walk(root, { ...WALK_DEFAULTS, ...options }, chunker, fs)
  chunker.flush()
  return { files, paths: files.map((file) => file.path), excluded, problems }
}
