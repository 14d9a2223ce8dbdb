/** A segment that is nothing but a name. */
const LITERAL = /^[^*?[]+$/
/** A segment that is nothing but an ending: `*.log`. */
const ENDING = /^\*+(\.[^*?[]+)$/
/** A bracket expression without negation, classes or escapes; each matches one character. */
const SIMPLE_BRACKET = /\[[\w.-]+\]/g

/**
 * Tells cheaply of most paths that no rule of a `.gitignore` matches them; the others are for the rules themselves to judge.
 *
 * It goes by one segment of each pattern: the last, which the name of whatever matches must match, or a folder that must be on
 * its way.
 *
 * PERF: two dozen rules cost 3.7 µs a path, as much as looking at the file; behind this they cost 0.4 µs
 * (`npm run bench -- files`).
 */
export class RuleSieve {
  readonly #names = new Set<string>()
  readonly #endings = new Set<string>()
  readonly #folders: string[] = []
  /** Matches the names that the other patterns may match; null where they may match anything. */
  readonly #others: RegExp | null

  /** @param text The contents of the `.gitignore`. */
  constructor(text: string) {
    const others: string[] = []
    for (const line of text.replace(/^\ufeff/, '').split(/\r?\n/)) {
      if (line !== '' && !line.startsWith('#')) this.#sort(line.replace(/^!/, '').replace(/ +$/, ''), others)
    }
    this.#others = others.includes(ANYTHING) ? null : new RegExp(`^(?:${others.join('|') || NOTHING})$`, 's')
  }

  /**
   * False only where no rule matches the path itself; what its folders match does not count.
   * @param name The path's last part, without a slash.
   */
  passes(path: string, name: string): boolean {
    if (this.#others === null) return true
    if (this.#names.has(name) || this.#endings.has(name.slice(name.lastIndexOf('.')))) return true
    return this.#others.test(name) || this.#folders.some((folder) => path.includes(folder))
  }

  #sort(pattern: string, others: string[]): void {
    if (pattern === '') return
    const folders = pattern.replace(/\/$/, '').split('/')
    const last = folders.pop()!
    const folder = folders.findLast((segment) => LITERAL.test(segment))
    const ending = ENDING.exec(last)?.[1]
    if (pattern.includes('\\')) others.push(ANYTHING)
    else if (LITERAL.test(last)) this.#names.add(last)
    else if (folder !== undefined) this.#folders.push(`${folder}/`)
    else if (ending !== undefined) this.#endings.add(ending.slice(ending.lastIndexOf('.')))
    else others.push(looseSource(last))
  }
}

const ANYTHING = '.*'
/** A regular expression that matches no name. */
const NOTHING = '(?!)'

/** A regular expression for a superset of what the pattern segment matches. */
function looseSource(segment: string): string {
  const loose = segment.replace(SIMPLE_BRACKET, '?')
  if (loose === '' || loose.includes('[')) return ANYTHING
  return loose
    .replace(/[.+^${}()|\]]/g, '\\$&')
    .replace(/\*+/g, '.*')
    .replaceAll('?', '.')
}
