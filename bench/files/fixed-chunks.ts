import { type BatchStrategy, defineBatchStrategy } from '@millrace/files'

/** Chunks of so many files in the order of their paths, whatever they cost. */
export function fixedChunks(count: number): BatchStrategy {
  return defineBatchStrategy({
    name: `fixed-${count}`,
    *plan(files) {
      const sorted = files.toSorted((a, b) => (a.path < b.path ? -1 : 1))
      for (let start = 0; start < sorted.length; start += count) yield sorted.slice(start, start + count)
    },
  })
}
