import type { PlacedDeclaration } from './facts-of.ts'

/** A stretch of a text. */
export interface Piece {
  readonly start: number
  readonly end: number
  readonly tokens: number
  /** Names of what begins in it. */
  readonly names: readonly string[]
}

export interface SplitOptions {
  /** Most tokens of a piece, at least 1. */
  readonly maxTokens: number
  readonly count: (text: string) => number
}

interface Stretch {
  readonly start: number
  readonly end: number
}

/** No token of the encodings in use is longer, in characters: what is longer than so many allowed ones need not be counted. */
const LONGEST_TOKEN = 256

/** Offsets at which a stretch may be cut, the better ones first; each finer than the one before. */
type Cuts = (text: string, stretch: Stretch, declarations: readonly PlacedDeclaration[]) => number[]

const LEVELS: readonly Cuts[] = [betweenDeclarations, atBlankLines, betweenLines, inTheMiddle]

/**
 * Cuts a text into pieces of at most `maxTokens` tokens, as large as they come: first between the outermost declarations, what is still too large between
 * those within, then at blank lines, between lines, and in the middle of a line. The pieces are the text, without a gap or an overlap. A single
 * character that has more tokens than allowed is a piece by itself.
 */
export function splitText(
  text: string,
  declarations: readonly PlacedDeclaration[],
  { maxTokens, count }: SplitOptions,
): readonly Piece[] {
  const inOrder = [...declarations].sort((one, other) => one.start - other.start || other.end - one.end)
  const pieces: Piece[] = []
  const tokensOf = ({ start, end }: Stretch) =>
    end - start > LONGEST_TOKEN * maxTokens ? Number.POSITIVE_INFINITY : count(text.slice(start, end))
  const keep = (stretch: Stretch, tokens: number) => pieces.push({ ...stretch, tokens, names: [] })

  const split = (stretch: Stretch, level: number): void => {
    const tokens = tokensOf(stretch)
    if (tokens <= maxTokens || stretch.end - stretch.start <= 1) {
      keep(stretch, tokens)
      return
    }
    const cuts = LEVELS[level]!(text, stretch, inOrder)
    // Where there is nothing to cut between, the next level looks; the last one always finds something but in a pair of surrogates.
    if (cuts.length === 0) {
      if (level + 1 < LEVELS.length) split(stretch, level + 1)
      else keep(stretch, tokens)
      return
    }
    gather(stretch, cuts, level)
  }

  /** Joins neighbours as long as they fit, and splits what is too large by itself. */
  const gather = (stretch: Stretch, cuts: readonly number[], level: number): void => {
    let open: { stretch: Stretch; tokens: number } | undefined
    const close = () => {
      if (open !== undefined) keep(open.stretch, open.tokens)
      open = undefined
    }
    let start = stretch.start
    for (const end of [...cuts, stretch.end]) {
      const next = { start, end }
      start = end
      const tokens = tokensOf(next)
      if (open !== undefined && open.tokens + tokens <= maxTokens) {
        const joined = { start: open.stretch.start, end }
        const together = tokensOf(joined)
        if (together <= maxTokens) {
          open = { stretch: joined, tokens: together }
          continue
        }
      }
      close()
      if (tokens <= maxTokens) open = { stretch: next, tokens }
      // Of a declaration that is too large, those within are the next to cut between.
      else split(next, level)
    }
    close()
  }

  if (text.length > 0) split({ start: 0, end: text.length }, 0)
  return named(pieces, inOrder)
}

/** In front of each outermost declaration that lies in the stretch and is not the whole of it, and behind it; in the lines' beginnings. */
function betweenDeclarations(
  text: string,
  { start, end }: Stretch,
  declarations: readonly PlacedDeclaration[],
): number[] {
  const cuts = new Set<number>()
  let behind = start
  for (const one of declarations) {
    if (one.start < behind || one.end > end) continue
    const from = text.lastIndexOf('\n', one.start - 1) + 1
    const feed = text.indexOf('\n', one.end)
    const to = feed < 0 || feed + 1 > end ? end : feed + 1
    if (from <= start && to >= end) continue
    behind = one.end
    if (from > start && from < end) cuts.add(from)
    if (to > start && to < end) cuts.add(to)
  }
  return ascending(cuts)
}

function atBlankLines(text: string, { start, end }: Stretch): number[] {
  const cuts: number[] = []
  for (const { index, 0: gap } of text.slice(start, end).matchAll(/\n[^\S\n]*\n+/g)) {
    const at = start + index + gap.length
    if (at < end) cuts.push(at)
  }
  return cuts
}

function betweenLines(text: string, { start, end }: Stretch): number[] {
  const cuts: number[] = []
  for (let feed = text.indexOf('\n', start); feed >= 0 && feed + 1 < end; feed = text.indexOf('\n', feed + 1))
    cuts.push(feed + 1)
  return cuts
}

function inTheMiddle(text: string, { start, end }: Stretch): number[] {
  const middle = (start + end) >> 1
  const isPair = /^[\uD800-\uDBFF][\uDC00-\uDFFF]$/.test(text.slice(middle - 1, middle + 1))
  const at = !isPair ? middle : middle - 1 > start ? middle - 1 : middle + 1
  return at > start && at < end ? [at] : []
}

function ascending(cuts: ReadonlySet<number>): number[] {
  return [...cuts].sort((one, other) => one - other)
}

/** Puts the names of what begins in each piece to it; both are in the text's order. */
function named(pieces: readonly Piece[], declarations: readonly PlacedDeclaration[]): Piece[] {
  let next = 0
  return pieces.map((piece) => {
    const names: string[] = []
    for (; next < declarations.length && declarations[next]!.start < piece.end; next++)
      names.push(declarations[next]!.name)
    return { ...piece, names: [...new Set(names)] }
  })
}
