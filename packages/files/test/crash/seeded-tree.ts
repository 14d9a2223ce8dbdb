import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { seededRandom } from '@millrace/kernel/seeded-random'

export interface SeededTreeOptions {
  /** The same seed plants the same tree, byte for byte. */
  readonly seed: number
  /** Files that a processor takes; those that are excluded come on top, about one for every twelve. */
  readonly files: number
  /** Of these, files that the tally processor refuses, named `broken-….js`. @default 5 */
  readonly broken?: number
  /** Whether there are JSON files among those taken. @default true */
  readonly json?: boolean
}

/** Names that quoting, globs, `.gitignore` and byte order have opinions on; the last two sort differently in UTF-16 and in UTF-8. */
const ODD_NAMES = [
  'src',
  'with space',
  'ünïcode',
  '日本語',
  "quote's",
  '"double"',
  '$dollar',
  '[bracket]',
  '#hash',
  '!bang',
  '-dash',
  '%41',
  'a+b',
  'ﬀ',
  '🦀',
]
const TAKEN = ['.js', '.js', '.ts', '.ts', '.ts']
/** Excluded each for its own reason; {@link takenFiles} knows them by rules of its own. */
const LEFT_OUT = ['notes.md', 'logo.png', 'build.log.js', '.hidden.js', 'ignored/deep/x.ts', 'node_modules/p/index.js']
const LARGEST = 40_000
const FILES_A_FOLDER = 12

/**
 * Plants a tree below `root`, an empty folder: nested folders with odd names, sizes as in real trees (Pareto), empty files, and a
 * share of files that are ignored, hidden, another's or of no use. 3,000 files take well under a second.
 */
export function plantTree(root: string, { seed, files, broken = 5, json = true }: SeededTreeOptions): void {
  const random = seededRandom(seed)
  const endings = json ? [...TAKEN, '.json'] : TAKEN
  const below = (bound: number) => Math.floor(random() * bound)
  const write = (path: string, contents: string) => writeFileSync(join(root, path), contents)
  mkdirSync(root, { recursive: true })
  write('.gitignore', 'ignored/\n*.log.js\n/top-secret.ts\n')
  write('top-secret.ts', 'export {}\n')

  const folders = ['']
  while (folders.length < files / FILES_A_FOLDER) {
    const parent = folders[below(folders.length)]!
    const depth = parent.split('/').length
    const folder = `${depth > 6 ? '' : parent}${ODD_NAMES[below(ODD_NAMES.length)]}-${folders.length}/`
    mkdirSync(join(root, folder), { recursive: true })
    folders.push(folder)
  }

  for (let index = 0; index < files; index++) {
    const folder = folders[below(folders.length)]!
    if (index < broken) write(`${folder}broken-${index}.js`, `// ${index}\n`)
    else if (index === broken) write(`${folders.at(-1)}top-secret.ts`, contentsOf(index, random))
    else {
      const ending = endings[below(endings.length)]!
      write(`${folder}${ODD_NAMES[below(ODD_NAMES.length)]} ${index}${ending}`, contentsOf(index, random, ending))
    }
    if (index % 12 === 0) {
      const path = folder + LEFT_OUT[below(LEFT_OUT.length)]!
      mkdirSync(join(root, path, '..'), { recursive: true })
      write(path, `// ${index}\n`)
    }
  }
}

const LINES = Array.from(
  { length: 1000 },
  (_, line) => `export const name${line} = ${line} // as a source would\n`,
).join('')

/** About one in forty is empty; half are below 200 bytes, few are large (Pareto, shape 0.9). */
function contentsOf(index: number, random: () => number, ending = '.ts'): string {
  if (random() < 0.025) return ''
  const size = Math.min(LARGEST, Math.floor(100 * random() ** (-1 / 0.9)))
  if (ending === '.json') return `${JSON.stringify({ index, lines: LINES.slice(0, size) })}\n`
  return `export const file = ${index}\n${LINES.slice(0, LINES.lastIndexOf('\n', size) + 1)}`
}
