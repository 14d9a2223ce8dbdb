import { stampOf } from '../stamp.ts'
import { GitRules } from './git-rules.ts'
import type { WalkFs } from './walk-fs.ts'

/** What the repository around a root says of it. */
interface RepositoryRules {
  /** The rules of the folders above the root, null where there are none. */
  readonly rules: GitRules | null
  /** Where the root lies below the repository's top: empty, or ending in `/`. */
  readonly below: string
}

/**
 * The rules that reach down to `root` (absolute, ending in `/`) from the repository it lies in: its `.git/info/exclude` and each
 * `.gitignore` from the top down, without the root's own. None where they ignore the root itself, or where no folder above
 * holds a `.git`.
 */
export function repositoryRules(root: string, fs: WalkFs): RepositoryRules {
  const top = topOf(root, fs)
  if (top === null) return { rules: null, below: '' }
  const below = root.slice(top.length)
  let rules = rulesFrom(`${top}.git/info/exclude`, '', null, fs)
  let folder = ''
  for (const name of below.split('/').slice(0, -1)) {
    rules = rulesFrom(`${top}${folder}.gitignore`, folder, rules, fs)
    folder += `${name}/`
    if (rules?.ignores(folder, name)) return { rules: null, below: '' }
  }
  return { rules, below }
}

/**
 * Tells by another text that the rules of {@link repositoryRules} may have become others: by size, times and inode of each file that they come
 * from, or could.
 */
export function repositoryRuleStamps(root: string, fs: WalkFs): string {
  const top = topOf(root, fs)
  if (top === null) return ''
  const folders = root.slice(top.length).split('/').slice(0, -1)
  const files = [
    '.git/info/exclude',
    ...folders.map(
      (_, depth) =>
        `${folders
          .slice(0, depth)
          .map((name) => `${name}/`)
          .join('')}.gitignore`,
    ),
  ]
  return [top, ...files.map((file) => stampAt(top + file, fs))].join(' ')
}

function stampAt(path: string, fs: WalkFs): string {
  try {
    return stampOf(fs.lstat(path))
  } catch {
    return '-'
  }
}

/** The nearest folder at or above `root` that holds a `.git`, which is a folder or, in a linked worktree, a file. */
function topOf(root: string, fs: WalkFs): string | null {
  for (let end = root.length - 1; end >= 0; end = root.lastIndexOf('/', end - 1)) {
    const folder = root.slice(0, end + 1)
    try {
      fs.lstat(`${folder}.git`)
      return folder
    } catch {}
    if (end === 0) break
  }
  return null
}

function rulesFrom(path: string, folder: string, above: GitRules | null, fs: WalkFs): GitRules | null {
  try {
    return fs.lstat(path).isFile() ? new GitRules(folder, fs.readText(path), above) : above
  } catch {
    return above
  }
}
