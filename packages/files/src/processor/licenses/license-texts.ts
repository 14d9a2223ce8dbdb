import { wordsOf } from './notices.ts'

/** What a text is the text of. */
export interface TextMatch {
  /** SPDX identifiers with this text: more than one where only the words around it tell, as with `GPL-3.0-only` and `GPL-3.0-or-later`. */
  readonly identifiers: readonly string[]
  /** 0 to 1, rounded to three decimals; 1 for the same words. */
  readonly similarity: number
}

interface Text {
  readonly identifier: string
  readonly text: string
  pairs: ReadonlyMap<string, number> | undefined
}

/** Below it, it is another text. */
const LEAST_SIMILARITY = 0.9
/** Texts this many times shorter or longer are not compared. */
const LENGTHS_APART = 1.5

/**
 * The texts of all licences, to find which one a file is a copy of. Names, years and holders differ from copy to copy, so what is
 * compared is the bag of neighbouring words: Sørensen and Dice's coefficient, 0.9 at least.
 *
 * A text is taken apart when one of about its length is first compared with it. O(words) for each of these.
 */
export class LicenseTexts {
  readonly #texts: Text[]

  /** @param texts By SPDX identifier. */
  constructor(texts: Readonly<Record<string, { readonly licenseText: string }>>) {
    this.#texts = Object.entries(texts)
      .filter(([identifier, { licenseText }]) => licenseText.trim() !== '' && !isDeprecated(identifier, texts))
      .map(([identifier, { licenseText }]) => ({ identifier, text: body(licenseText), pairs: undefined }))
  }

  /** The licence that `text` is a copy of, or undefined. */
  match(text: string): TextMatch | undefined {
    const given = body(text)
    const pairs = pairsOf(given)
    let best = 0
    let identifiers: string[] = []
    for (const candidate of this.#texts) {
      const ratio = candidate.text.length / given.length
      if (ratio > LENGTHS_APART || ratio < 1 / LENGTHS_APART) continue
      candidate.pairs ??= pairsOf(candidate.text)
      const similarity = dice(pairs, candidate.pairs)
      if (similarity < LEAST_SIMILARITY || similarity < best) continue
      if (similarity > best) identifiers = []
      best = similarity
      identifiers.push(candidate.identifier)
    }
    return identifiers.length === 0
      ? undefined
      : { identifiers: identifiers.sort(), similarity: Math.round(best * 1000) / 1000 }
  }
}

/** `GPL-3.0` and `GPL-3.0+`, which are `GPL-3.0-only` and `GPL-3.0-or-later` now. */
function isDeprecated(identifier: string, texts: object): boolean {
  return identifier.endsWith('+') || `${identifier}-only` in texts
}

/** Without lines that name a holder, and what templates leave open. */
function body(text: string): string {
  return text
    .replace(/^.*copyright\s*(?:\(c\)|©|\d{4}|<|\[|\$\{).*$/gim, '')
    .replace(/\$\{[^}]*\}|<[^<>\n]{1,60}>/g, ' ')
    .trim()
}

function pairsOf(text: string): Map<string, number> {
  const pairs = new Map<string, number>()
  const words = wordsOf(text)
  for (let at = 1; at < words.length; at++) {
    const pair = `${words[at - 1]} ${words[at]}`
    pairs.set(pair, (pairs.get(pair) ?? 0) + 1)
  }
  return pairs
}

function dice(one: ReadonlyMap<string, number>, other: ReadonlyMap<string, number>): number {
  let common = 0
  let all = 0
  for (const [pair, count] of one) {
    common += Math.min(count, other.get(pair) ?? 0)
    all += count
  }
  for (const count of other.values()) all += count
  return all === 0 ? 0 : (2 * common) / all
}
