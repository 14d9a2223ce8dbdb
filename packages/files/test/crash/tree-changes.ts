import {
  appendFileSync,
  mkdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs'
import { basename, dirname, join } from 'node:path'
import { seededRandom } from '@millrace/kernel/seeded-random'
import { isBroken, takenFiles } from './independent-walk.ts'

/** What people and tools do to files, each in a function of the tree's root and one file of it, which is not empty. */
const CHANGES = {
  'added beside it': (file) => writeFileSync(`${file}.added.ts`, 'export const added = 1\n'),
  'added in a new folder': (file) => {
    mkdirSync(`${file}.folder/deeper`, { recursive: true })
    writeFileSync(`${file}.folder/deeper/added.js`, '// added\n')
  },
  edited: (file) => appendFileSync(file, '// edited\n'),
  'edited to the same size and time': (file) => {
    const { atimeMs, mtimeMs } = statSync(file)
    writeFileSync(file, flipped(readFileSync(file)))
    utimesSync(file, atimeMs / 1000, mtimeMs / 1000)
  },
  emptied: (file) => writeFileSync(file, ''),
  deleted: (file) => rmSync(file),
  renamed: (file) => renameSync(file, join(dirname(file), `renamed ${basename(file)}`)),
  'replaced by an older one': (file) => {
    writeFileSync(`${file}.old`, flipped(readFileSync(file)))
    utimesSync(`${file}.old`, 1e9, 1e9)
    renameSync(`${file}.old`, file)
  },
  'replaced by a folder': (file) => {
    rmSync(file)
    mkdirSync(file)
    writeFileSync(join(file, 'inner.ts'), '// within what was a file\n')
  },
  'replaced by a link': (file) => {
    rmSync(file)
    symlinkSync('nowhere', file)
  },
  'swapped for a copy': (file) => {
    writeFileSync(`${file}.copy`, readFileSync(file))
    renameSync(`${file}.copy`, file)
  },
  touched: (file) => utimesSync(file, 1.1e9, 1.1e9),
  broken: (file) => renameSync(file, join(dirname(file), `broken-${basename(file)}`)),
  ignored: (file) => appendFileSync(join(dirname(file), '.gitignore'), `\n${escaped(basename(file))}\n`),
} as const satisfies Record<string, (file: string) => void>

type Change = keyof typeof CHANGES

/** Changes after which the file is there with the contents it had. */
export const SAME_CONTENTS: readonly Change[] = [
  'added beside it',
  'added in a new folder',
  'swapped for a copy',
  'touched',
]

/** Changes the tree below `root`, `each` times in each way, and takes a whole folder away. Gives what was done to which path. */
export function changeTree(root: string, seed: number, each: number): ReadonlyMap<string, Change> {
  const random = seededRandom(seed)
  const candidates = takenFiles(root).filter((path) => !isBroken(path) && statSync(join(root, path)).size > 0)
  const done = new Map<string, Change>()
  const pick = () => candidates.splice(Math.floor(random() * candidates.length), 1)[0]!
  for (const change of Object.keys(CHANGES) as Change[]) {
    for (let count = 0; count < each; count++) {
      const path = pick()
      CHANGES[change](join(root, path))
      done.set(path, change)
    }
  }
  const folder = dirname(candidates.findLast((path) => dirname(path) !== '.')!)
  rmSync(join(root, folder), { recursive: true })
  return done
}

/** Other contents of the same size. */
function flipped(bytes: Buffer): Buffer {
  const last = bytes.length - 1
  bytes[last] = bytes[last]! ^ 1
  return bytes
}

/** As a pattern that names nothing else; a name that starts with `#` or `!` is none by itself. */
function escaped(name: string): string {
  return `/${name.replace(/[\\[\]*?]/g, '\\$&')}`
}
