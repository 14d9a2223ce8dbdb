import { closest, distance } from 'fastest-levenshtein'

/** ` Did you mean X?` for the candidate nearest to a mistyped word, or nothing where none is near. */
export function didYouMean(word: string, candidates: readonly string[]): string {
  if (candidates.length === 0) return ''
  const nearest = closest(word.toLowerCase(), candidates as string[])
  const near = distance(word.toLowerCase(), nearest.toLowerCase()) <= Math.max(1, Math.floor(word.length / 3))
  return near ? ` Did you mean ${nearest}?` : ''
}
