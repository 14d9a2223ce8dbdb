/** ` Did you mean X?` for the candidate nearest to a mistyped word, or nothing where none is near. */
export function didYouMean(word: string, candidates: readonly string[]): string {
  // What is much longer than a name is not a mistyped one, and would take long to compare.
  if (word.length > MAX_WORD) return ''
  const typed = word.toLowerCase()
  let nearest: string | undefined
  let least = Math.max(1, Math.floor(word.length / 3)) + 1
  for (const candidate of candidates) {
    const steps = distance(typed, candidate.toLowerCase())
    if (steps >= least) continue
    least = steps
    nearest = candidate
  }
  return nearest === undefined ? '' : ` Did you mean ${nearest}?`
}

const MAX_WORD = 64

/** Letters to put in, leave out, change, or swap with the next (optimal string alignment), row by row. */
function distance(from: string, to: string): number {
  let before: readonly number[] = []
  let row: readonly number[] = Array.from({ length: to.length + 1 }, (_, index) => index)
  for (let i = 0; i < from.length; i++) {
    const next = [i + 1]
    for (let j = 0; j < to.length; j++) {
      const change = row[j]! + (from[i] === to[j] ? 0 : 1)
      const isSwap = i > 0 && j > 0 && from[i] === to[j - 1] && from[i - 1] === to[j]
      const swap = isSwap ? before[j - 1]! + 1 : change
      next.push(Math.min(change, swap, row[j + 1]! + 1, next[j]! + 1))
    }
    before = row
    row = next
  }
  return row[to.length]!
}
