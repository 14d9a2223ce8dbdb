import type { DiscoveredFile } from '../file.ts'
import type { FileBatch } from './batch-strategy.ts'

/**
 * Predicted time up to which batches are joined, milliseconds. PERF: what a batch costs beside its files (published, claimed, committed twice, fed back) takes
 * coordinator, worker and server 4 to 8 ms together, by the same whatever is in it (`npm run bench -- cluster/cost`).
 */
const WORTH_MS = 400
/** Most files of a joined batch. */
const MOST_FILES = 1000

/**
 * Joins neighbours of one priority that are cheap, given in the order in which they are handed out: each of those that come out takes no longer than
 * {@link WORTH_MS}, has at most {@link MOST_FILES} files, and is no more than its share of what is left, so that they still shrink towards the end and
 * `workers` finish together. A joined batch has the number of its first. O(files of what is joined).
 */
export function joinCheap<F extends DiscoveredFile>(
  batches: readonly FileBatch<F>[],
  workers: number,
): readonly FileBatch<F>[] {
  const joined: FileBatch<F>[] = []
  let leftMs = batches.reduce((sum, { estimatedMs }) => sum + estimatedMs, 0)
  let group: FileBatch<F>[] = []
  let files = 0
  let ms = 0
  const close = () => {
    if (group.length > 0) joined.push(oneOf(group))
    leftMs -= ms
    group = []
    files = 0
    ms = 0
  }
  for (const batch of batches) {
    const most = Math.min(WORTH_MS, leftMs / (2 * workers))
    const fits = files + batch.files.length <= MOST_FILES && ms + batch.estimatedMs <= most
    if (!fits || batch.priority !== group[0]?.priority) close()
    group.push(batch)
    files += batch.files.length
    ms += batch.estimatedMs
  }
  close()
  return joined
}

function oneOf<F extends DiscoveredFile>(group: readonly FileBatch<F>[]): FileBatch<F> {
  const [first, ...others] = group
  if (others.length === 0) return first!
  return {
    ...first!,
    files: group.flatMap(({ files }) => files),
    totalSize: group.reduce((sum, { totalSize }) => sum + totalSize, 0),
    estimatedMs: group.reduce((sum, { estimatedMs }) => sum + estimatedMs, 0),
  }
}
