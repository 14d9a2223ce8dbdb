import type { DuplicatesRecord } from './duplicates.ts'

/** A stretch of a file of which there is a copy. */
export interface CopiedStretch {
  readonly path: string
  readonly line: number
  readonly endLine: number
}

/** Two stretches with the same tokens, of two files or of one. */
export interface Duplicate {
  /** About so many, for fingerprints stand some tokens apart; never more than there are. */
  readonly tokens: number
  readonly one: CopiedStretch
  readonly other: CopiedStretch
}

export interface DuplicatesReport {
  /** Files looked at. */
  readonly files: number
  readonly tokens: number
  /** The longest first; of equal ones by path and line. */
  readonly duplicates: readonly Duplicate[]
  /** Share of the tokens that stand in a copy, 0 to 1. */
  readonly duplicated: number
  /** Hashes that stand in more places than `maxPlaces`, which tell of a licence's header more than of a copy, and are passed over. */
  readonly passedOver: number
}

export interface FindDuplicatesOptions {
  /** Most places of a fingerprint, at least 2: the more, the longer it takes. @default 20 */
  readonly maxPlaces?: number
}

interface Place {
  readonly file: number
  /** Which of the file's fingerprints it is. */
  readonly at: number
}

/** A copy that grows as long as the next fingerprints agree, too. */
interface Run {
  readonly one: Place
  readonly other: Place
  length: number
}

/**
 * Finds copies by the fingerprints that the `duplicates` processor left.
 *
 * Two stretches whose fingerprints agree, one after the other, are one copy. O(places × `maxPlaces`) time; all fingerprints are held, about 100 bytes each.
 * @param records With the path of each, in any order; the report does not depend on it.
 */
export function findDuplicates(
  records: Iterable<DuplicatesRecord & { readonly path: string }>,
  { maxPlaces = 20 }: FindDuplicatesOptions = {},
): DuplicatesReport {
  const files = [...records].sort((one, other) => (one.path < other.path ? -1 : 1))
  const places = new Map<number, Place[]>()
  for (const [file, { fingerprints }] of files.entries()) {
    for (const [at, [hash]] of fingerprints.entries()) {
      const found = places.get(hash)
      if (found === undefined) places.set(hash, [{ file, at }])
      else found.push({ file, at })
    }
  }
  const agreeing = (place: Place): readonly Place[] => {
    const found = places.get(files[place.file]!.fingerprints[place.at]![0])!
    return found.length > maxPlaces ? [] : found
  }

  const duplicates: Duplicate[] = []
  const copied = files.map(({ fingerprints }) => new Uint8Array(fingerprints.length))
  for (const [file, { fingerprints }] of files.entries()) {
    /** By the place where the other one goes on. */
    let open = new Map<string, Run>()
    for (let at = 0; at <= fingerprints.length; at++) {
      const next = new Map<string, Run>()
      const here = at < fingerprints.length ? agreeing({ file, at }) : []
      for (const other of here) {
        if (other.file < file || (other.file === file && other.at <= at)) continue
        const before = open.get(`${other.file}:${other.at}`)
        open.delete(`${other.file}:${other.at}`)
        const run = before ?? { one: { file, at }, other, length: 0 }
        run.length++
        copied[file]![at] = 1
        copied[other.file]![other.at] = 1
        next.set(`${other.file}:${other.at + 1}`, run)
      }
      for (const run of open.values()) duplicates.push(duplicateOf(run))
      open = next
    }
  }

  function stretchOf({ file, at }: Place, length: number): CopiedStretch & { readonly tokens: number } {
    const { path, fingerprints, minTokens } = files[file]!
    const [, token, line] = fingerprints[at]!
    const [, lastToken, , endLine] = fingerprints[at + length - 1]!
    return { path, line, endLine, tokens: lastToken - token + Math.ceil(minTokens / 2) }
  }
  function duplicateOf({ one, other, length }: Run): Duplicate {
    const { tokens, ...first } = stretchOf(one, length)
    const { tokens: otherTokens, ...second } = stretchOf(other, length)
    return { tokens: Math.min(tokens, otherTokens), one: first, other: second }
  }

  duplicates.sort(
    (a, b) =>
      b.tokens - a.tokens ||
      compare(a.one.path, b.one.path) ||
      a.one.line - b.one.line ||
      compare(a.other.path, b.other.path) ||
      a.other.line - b.other.line,
  )
  const tokens = files.reduce((sum, file) => sum + file.tokens, 0)
  let passedOver = 0
  for (const found of places.values()) if (found.length > maxPlaces) passedOver++
  return {
    files: files.length,
    tokens,
    duplicates,
    duplicated: tokens === 0 ? 0 : copiedTokens(files, copied) / tokens,
    passedOver,
  }
}

/** Tokens under a fingerprint that has a copy, each once. */
function copiedTokens(files: readonly DuplicatesRecord[], copied: readonly Uint8Array[]): number {
  let tokens = 0
  for (const [file, { fingerprints, minTokens }] of files.entries()) {
    let behind = 0
    for (const [at, [, token]] of fingerprints.entries()) {
      if (copied[file]![at] === 0) continue
      const end = token + Math.ceil(minTokens / 2)
      tokens += end - Math.max(token, behind)
      behind = end
    }
  }
  return tokens
}

function compare(one: string, other: string): number {
  return one < other ? -1 : one > other ? 1 : 0
}
