import { unpackChunk, type WireChunk } from './chunk-wire.ts'
import { Chunker } from './chunker.ts'
import { checkDiscoverOptions } from './discover-options.ts'
import type { DiscoverOptions, DiscoveryChunk } from './discovery.ts'
import type { PathScope } from './path-scope.ts'
import { walk } from './walk.ts'
import { nodeFs } from './walk-fs.ts'

/** What there is in a part of a tree is more than one chunk holds. */
class TooMuch extends Error {}

/**
 * Finds what there is in a part of the tree at `root`, as a walk over all of it would: the rules of folders above hold. At once, in this thread;
 * undefined where it is more than about 1000 entries, which are for a thread of their own.
 *
 * Costs a listing of each folder on the way.
 * @param root Absolute, free of symbolic links.
 * @throws {MillraceError} `OPTION_INVALID`.
 */
export function discoverWithin(
  root: string,
  options: Omit<DiscoverOptions, 'signal'>,
  scope: PathScope,
): DiscoveryChunk | undefined {
  let found: WireChunk | undefined
  const take = (chunk: WireChunk) => {
    if (found !== undefined) throw new TooMuch()
    found = chunk
  }
  // Time stands still for it: a chunk ends only where it is full.
  const chunker = new Chunker(take, () => 0)
  try {
    walk(root, checkDiscoverOptions(options), chunker, nodeFs, scope)
    chunker.flush()
  } catch (error) {
    if (error instanceof TooMuch) return undefined
    throw error
  }
  return found === undefined ? { files: [], excluded: [], problems: [] } : unpackChunk(found)
}
