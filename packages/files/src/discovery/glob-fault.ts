import { compileGlobs, matchesNothing } from './globs.ts'

/** The most that a glob may have, characters. */
const MOST_CHARACTERS = 65_536
const UNBALANCED = /^Missing (closing|opening): "(.)"/
/** By the mark that is missing. */
const PARTNERS: Readonly<Record<string, string>> = { ']': '[', '}': '{', ')': '(', '[': ']', '{': '}', '(': ')' }

/**
 * What is wrong with a glob of `include` or `exclude`, as a phrase that follows it: `has a [ that is never closed; write \[ where it means itself`; undefined where
 * nothing is.
 */
export function globFault(glob: string): string | undefined {
  if (glob === '') return 'is empty'
  if (glob.length > MOST_CHARACTERS)
    return `has ${glob.length.toLocaleString('en-US')} characters, and ${MOST_CHARACTERS.toLocaleString('en-US')} are the most`
  if (/(?<!\\)(\\\\)*\\$/.test(glob))
    return 'ends in a \\; write / between folders, and \\\\ for a \\ that means itself'
  try {
    compileGlobs([glob])
  } catch (error) {
    const said = error instanceof Error ? error.message : String(error)
    const [, which, mark = ''] = UNBALANCED.exec(said) ?? []
    if (which === undefined) return `cannot be read (${said})`
    const shown = PARTNERS[mark]
    return `has a ${shown} that ${which === 'closing' ? 'is never closed' : 'closes nothing'}; write \\${shown} where it means itself`
  }
  return matchesNothing(glob) ? 'matches no name; a range in it may end before it begins' : undefined
}
