import { execFileSync, spawnSync } from 'node:child_process'
import { mkdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { GitRules } from '../../src/discovery/git-rules.ts'
import { nodeFs, type WalkFs } from '../../src/discovery/walk-fs.ts'
import { temporaryFolder, writeTree } from '../tree.ts'
import { collect } from './collect.ts'
import { gitignoreText } from './git-arbitraries.ts'
import { flatGitignore } from './mutants/flat-gitignore.ts'

const git = {
  env: { PATH: process.env.PATH, GIT_CONFIG_NOSYSTEM: '1', GIT_CONFIG_GLOBAL: '/dev/null', HOME: '/nowhere' },
}

function repository(): string {
  const top = temporaryFolder()
  execFileSync('git', ['init', '--quiet', top], git)
  return top
}

/** What git itself finds below `root`, in byte order. */
function listedByGit(root: string): string[] {
  const list = execFileSync('git', ['-C', root, 'ls-files', '-z', '--others', '--cached', '--exclude-standard'], git)
  const paths = list.toString().split('\0').slice(0, -1)
  return paths.sort((a, b) => Buffer.compare(Buffer.from(a), Buffer.from(b)))
}

function ignoredByGit(top: string, folder: string): boolean {
  return spawnSync('git', ['-C', top, 'check-ignore', '--quiet', folder], git).status === 0
}

const everything = { hidden: true, vendor: true }
const FOLDERS = ['', 'a/', 'b/', 'a/a/', 'a/b/', 'a/b/ab/', 'b/a.x/']
const NAMES = ['a', 'b', 'ab', 'a.x', 'b.y', '.x']

describe('beside git', () => {
  const rules = fc.dictionary(
    fc.constantFrom('.git/info/exclude', ...FOLDERS.map((f) => `${f}.gitignore`)),
    gitignoreText,
    {
      minKeys: 1,
      maxKeys: 4,
    },
  )

  /** The same list as git, from the top and from a folder below it. */
  function listsAsGit(fsOf: (root: string) => WalkFs | undefined) {
    const top = repository()
    return fc.property(rules, (rules) => {
      writeTree(top, { '.git/info/exclude': '' })
      for (const folder of FOLDERS) mkdirSync(`${top}/${folder}`, { recursive: true })
      for (const path of FOLDERS.flatMap((folder) => NAMES.map((name) => `${top}/${folder}${name}`))) {
        if (!FOLDERS.some((folder) => `${top}/${folder}` === `${path}/`)) writeFileSync(path, '')
      }
      writeTree(top, rules)
      try {
        expect(collect(top, everything, fsOf(top)).paths).toEqual(listedByGit(top))
        const below = `${top}/a/b`
        if (ignoredByGit(top, 'a/b')) return
        expect(collect(below, everything, fsOf(top)).paths).toEqual(listedByGit(below))
      } finally {
        for (const name of [...NAMES, '.gitignore']) rmSync(`${top}/${name}`, { recursive: true, force: true })
      }
    })
  }

  test('finds what git finds', { timeout: 240_000 }, () => {
    fc.assert(
      listsAsGit(() => undefined),
      process.env.MILLRACE_SLOW ? { numRuns: 800 } : { numRuns: 40, seed: 1 },
    )
  })

  test('the property fails where nested files are not read', { timeout: 240_000 }, () => {
    expect(fc.check(listsAsGit(flatGitignore), { numRuns: 40, seed: 1, endOnFailure: true }).failed).toBe(true)
  })
})

test('a deeper file lets a folder back in, with all that only the folder was ignored for', () => {
  const top = writeTree(repository(), {
    '.gitignore': 'out\n*.log\n',
    'a/.gitignore': '!out\n',
    'a/out/a.js': '',
    'a/out/a.log': '',
    'b/out/b.js': '',
  })
  expect(collect(top, everything).paths).toEqual(['.gitignore', 'a/.gitignore', 'a/out/a.js'])
  expect(listedByGit(top)).toEqual(['.gitignore', 'a/.gitignore', 'a/out/a.js'])
})

test('an ignored file is counted, an ignored folder is not entered, and nothing in it can come back', () => {
  const root = writeTree(temporaryFolder(), {
    '.gitignore': 'out/\n!out/keep.js\n*.log\n',
    'out/keep.js': '',
    'a.log': '',
  })
  expect(collect(root)).toMatchObject({ paths: [], excluded: { '.gitignore': 'hidden', 'a.log': 'ignored' } })
  expect(collect(root, { gitignore: false }).paths).toEqual(['a.log', 'out/keep.js'])
})

test('rules above the root reach down to it from the top of the repository, not from beyond', () => {
  const outer = writeTree(temporaryFolder(), {
    '.gitignore': '*.beyond\n',
    'top/.git/info/exclude': '*.info\n',
    'top/.gitignore': '*.log\n/a/root/x.js\n',
    'top/a/root/x.js': '',
    'top/a/root/x.log': '',
    'top/a/root/x.info': '',
    'top/a/root/x.beyond': '',
  })
  const { paths, excluded } = collect(`${outer}/top/a/root`)
  expect(paths).toEqual(['x.beyond'])
  expect(excluded).toEqual({ 'x.js': 'ignored', 'x.log': 'ignored', 'x.info': 'ignored' })
})

test('rules above the root do not count where they ignore the root, which was asked for by name', () => {
  const top = writeTree(temporaryFolder(), {
    '.git/info/exclude': '',
    '.gitignore': 'out/\n*.log\n',
    'out/sub/a.log': '',
    'out/sub/.gitignore': 'b.js\n',
    'out/sub/b.js': '',
  })
  expect(collect(`${top}/out/sub`).paths).toEqual(['a.log'])
  expect(collect(`${top}/out`).paths).toEqual(['sub/a.log'])
})

test('patterns tell upper from lower case', () => {
  const root = writeTree(temporaryFolder(), { '.gitignore': '*.LOG\n', 'a.log': '' })
  expect(collect(root).paths).toEqual(['a.log'])
})

test('the rules go on working past the size of their cache', () => {
  const rules = new GitRules('', '*.log\n/*\n!/*.js\n', null)
  const ignores = (name: string) => rules.ignores(name, name)
  const wrong = Array.from({ length: 25_000 }, (_, i) => i).filter(
    (i) => !ignores(`${i}.log`) || ignores(`${i}.js`) || !ignores(`${i}`),
  )
  expect(wrong).toEqual([])
})

test('a .gitignore that cannot be read is a problem, and the files beside it are found', () => {
  const root = writeTree(temporaryFolder(), { '.gitignore': '*', 'a.js': '' })
  const denied: WalkFs = {
    ...nodeFs,
    readText: () => {
      throw Object.assign(new Error('EACCES: permission denied'), { code: 'EACCES' })
    },
  }
  const { paths, problems } = collect(root, {}, denied)
  expect(paths).toEqual(['a.js'])
  expect(problems).toEqual([{ path: '.gitignore', code: 'EACCES', message: 'EACCES: permission denied' }])
})

test('a .gitignore that is a pipe, a link or a folder is not read', () => {
  const root = writeTree(temporaryFolder(), {
    'b/.gitignore/x': '',
    'b/b.js': '',
    all: '*',
    'c/c.js': '',
    'a/a.js': '',
  })
  execFileSync('mkfifo', [`${root}/a/.gitignore`])
  symlinkSync('../all', `${root}/c/.gitignore`)
  expect(collect(root).paths).toEqual(['a/a.js', 'all', 'b/b.js', 'c/c.js'])
  expect(collect(root, { followSymlinks: true }).paths).toEqual(['a/a.js', 'all', 'b/b.js', 'c/c.js'])
})
