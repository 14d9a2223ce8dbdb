import ignore, { type Ignore } from 'ignore'
import { RuleSieve } from './rule-sieve.ts'

/** What one file says of a path, both false where it says nothing. */
interface Verdict {
  readonly ignored: boolean
  readonly unignored: boolean
}

const NO_WORD: Verdict = { ignored: false, unignored: false }

/**
 * The rules of one `.gitignore`, above them those of the folders over it: the deepest file with a word on a path decides.
 *
 * All paths are relative to the repository's top, and end in `/` where they name a folder.
 */
export class GitRules {
  readonly #folder: string
  readonly #above: GitRules | null
  readonly #sieve: RuleSieve
  #rules: Ignore
  #tests = 0

  /**
   * @param folder The folder that holds the file: empty for the top, else ending in `/`.
   * @param text The file's contents.
   */
  constructor(folder: string, text: string, above: GitRules | null) {
    this.#folder = folder
    this.#above = above
    this.#sieve = new RuleSieve(text)
    this.#rules = ignore({ ignorecase: false }).add(text)
  }

  /**
   * Whether git would ignore `path`, given that it does not ignore the folder that holds it.
   * @param name The path's last part, without a slash.
   */
  ignores(path: string, name: string): boolean {
    for (let level: GitRules | null = this; level !== null; level = level.#above) {
      const verdict = level.#test(path, name)
      if (verdict.ignored) return true
      if (verdict.unignored) {
        if (path.endsWith('/')) level.#admitAbove(path, name)
        return false
      }
    }
    return false
  }

  #test(path: string, name: string): Verdict {
    if (!this.#sieve.passes(path, name)) return NO_WORD
    if (++this.#tests % TESTS_PER_CACHE === 0) this.#rules = ignore({ ignorecase: false }).add(this.#rules)
    return this.#rules.test(path.slice(this.#folder.length))
  }

  /**
   * Tells the rules above this file that a deeper file let the folder `path` back in. `ignore` takes what lies in an ignored
   * folder for ignored, and cannot know of the deeper file.
   */
  #admitAbove(path: string, name: string): void {
    for (let level = this.#above; level !== null; level = level.#above) {
      if (!level.#test(path, name).ignored) continue
      level.#rules.add(`!/${path.slice(level.#folder.length).replace(/[\\*?[\] !#]/g, '\\$&')}`)
    }
  }
}

/** `ignore` remembers every path it was asked about; a fresh copy of the rules now and then keeps the memory bounded. */
const TESTS_PER_CACHE = 10_000
