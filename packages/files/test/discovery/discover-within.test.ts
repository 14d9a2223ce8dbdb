import { execFileSync } from 'node:child_process'
import { mkdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { WALK_DEFAULTS } from '../../src/discovery/discover-options.ts'
import { discoverWithin } from '../../src/discovery/discover-within.ts'
import { PathScope } from '../../src/discovery/path-scope.ts'
import { repositoryRuleStamps } from '../../src/discovery/repository.ts'
import { nodeFs } from '../../src/discovery/walk-fs.ts'
import { temporaryFolder, writeTree } from '../tree.ts'
import { collect } from './collect.ts'
import { gitignoreText } from './git-arbitraries.ts'

const FOLDERS = ['', 'a/', 'b/', 'a/a/', 'a/b/', 'node_modules/', '.a/', 'b/a.x/']
const PATHS = FOLDERS.flatMap((folder) => ['a.ts', 'ab', 'a.x', '.x', 'a'].map((name) => folder + name))

const lies = (path: string, { paths }: PathScope) => paths.some((at) => path === at || path.startsWith(`${at}/`))

/** What a walk over all of the tree tells of a part of it. */
function partOfAll(root: string, scope: PathScope) {
  const { files, excluded } = collect(root)
  return {
    files: files.filter(({ path }) => lies(path, scope)),
    excluded: Object.entries(excluded)
      .filter(([path]) => lies(path, scope))
      .map(([path, reason]) => ({ path, reason })),
    problems: [],
  }
}

/** That a part is found as a walk over all finds it, whatever is there and whatever is ignored. */
function findsWhatAllOfItHas(discover: typeof discoverWithin) {
  return fc.property(
    fc.dictionary(fc.constantFrom(...FOLDERS.map((folder) => `${folder}.gitignore`)), gitignoreText, { maxKeys: 3 }),
    fc.uniqueArray(fc.constantFrom(...PATHS), { minLength: 4, maxLength: 20 }),
    fc.uniqueArray(fc.constantFrom(...PATHS, 'a/b', 'b', 'a/b/absent', 'absent/x'), { minLength: 1, maxLength: 4 }),
    (rules, present, asked) => {
      const root = temporaryRoot()
      try {
        // A name that is also a folder's is left to the folder.
        const files = present.filter((path) => ![...FOLDERS, 'a/a/'].includes(`${path}/`))
        writeTree(root, { ...Object.fromEntries(files.map((path) => [path, path])), ...rules })
        const scope = new PathScope(asked)
        expect(discover(root, {}, scope)).toEqual(partOfAll(root, scope))
      } finally {
        rmSync(root, { recursive: true })
      }
    },
  )
}

let made = 0
let under: string | undefined
function temporaryRoot(): string {
  under ??= temporaryFolder()
  const root = `${under}/${made++}`
  mkdirSync(root)
  return root
}

describe('a part of a tree', () => {
  test('is found as a walk over all of it finds it', () => {
    under = undefined
    fc.assert(findsWhatAllOfItHas(discoverWithin), { numRuns: 150 })
  })

  test('would be told from one that is found without the rules above it', () => {
    under = undefined
    const ruleless = findsWhatAllOfItHas((root, _, scope) => discoverWithin(root, { gitignore: false }, scope))
    expect(fc.check(ruleless, { numRuns: 500 }).failed).toBe(true)
  })

  test('is empty where there is nothing, or something else on the way', () => {
    const root = writeTree(temporaryFolder(), { 'a/b.ts': '', file: '' })
    symlinkSync(`${root}/a`, `${root}/link`)
    expect(discoverWithin(root, {}, new PathScope(['link/b.ts', 'file/b.ts', 'none/b.ts']))).toEqual({
      files: [],
      excluded: [],
      problems: [],
    })
  })

  test('is not looked at here where it is large', () => {
    const root = temporaryFolder()
    writeTree(root, Object.fromEntries(Array.from({ length: 1001 }, (_, n) => [`a/${n}.ts`, ''])))
    writeFileSync(`${root}/b.ts`, '')
    expect(discoverWithin(root, {}, new PathScope(['a']))).toBeUndefined()
    expect(discoverWithin(root, {}, new PathScope(['a/7.ts', 'b.ts']))?.files.map(({ path }) => path)).toEqual([
      'a/7.ts',
      'b.ts',
    ])
    expect(collect(root, WALK_DEFAULTS).paths).toHaveLength(1002)
  })
})

test('a scope has no path below another', () => {
  const { paths } = new PathScope(['b/c', 'a.ts', 'a/b/c', 'b', 'a/b', 'a.ts', 'b/c/d'])
  expect(paths).toEqual(['a.ts', 'a/b', 'b'])
})

test('rules that reach down from above have stamps that change with them', () => {
  const top = temporaryFolder()
  execFileSync('git', ['init', '--quiet', top])
  const root = writeTree(top, { 'a/b/c.ts': '' })
  const stamps = () => repositoryRuleStamps(`${root}/a/b/`, nodeFs)
  const seen = new Set([stamps()])
  const changes = [
    () => writeTree(top, { '.gitignore': '*.ts\n' }),
    () => writeTree(top, { 'a/.gitignore': '*.js\n' }),
    () => writeTree(top, { '.git/info/exclude': '*.js\n' }),
    () => rmSync(`${top}/.gitignore`),
    () => rmSync(`${top}/.git`, { recursive: true }),
  ]
  for (const [n, change] of changes.entries()) {
    change()
    expect(seen.add(stamps()).size).toBe(n + 2)
  }
  // The root's own, and those below it, are looked at by the walk.
  writeTree(top, { 'a/b/.gitignore': '*.ts\n' })
  expect(seen.has(stamps())).toBe(true)
})
