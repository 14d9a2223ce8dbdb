import { execFileSync } from 'node:child_process'
import { lstatSync, mkdirSync, readdirSync, renameSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:net'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { nodeFs, type WalkFs } from '../../src/discovery/walk-fs.ts'
import { stampOf } from '../../src/stamp.ts'
import { temporaryFolder, writeTree } from '../tree.ts'
import { collect } from './collect.ts'

/** A file system that answers one call with an error of the operating system. */
function failing(call: keyof WalkFs, at: string, code: string): WalkFs {
  const original = nodeFs[call] as (path: string) => unknown
  const broken = (path: string) => {
    if (path === at) throw Object.assign(new Error(`${code}: ${at}`), { code })
    return original(path)
  }
  return { ...nodeFs, [call]: broken }
}

test('a file is told with its size, times, language and kind', () => {
  const root = writeTree(temporaryFolder(), { 'src/a.ts': 'const a = 1', 'src/a.ast.json': '{}', 'src/a.png': '' })
  const { files } = collect(root)
  const stats = lstatSync(`${root}/src/a.ts`, { bigint: true })
  expect(files.find((file) => file.path === 'src/a.ts')).toEqual({
    path: 'src/a.ts',
    size: 11,
    mtimeMs: Number(stats.mtimeMs),
    stamp: stampOf(stats),
    language: 'typescript',
    kind: 'source',
  })
  expect(files.map(({ kind }) => kind)).toEqual(['ast', 'other', 'source'])
})

test('the stamp of a file changes with it', () => {
  const root = writeTree(temporaryFolder(), { a: 'x' })
  const [before] = collect(root).files
  renameSync(`${writeTree(root, { b: 'y' })}/b`, `${root}/a`)
  expect(collect(root).files[0]?.stamp).not.toBe(before?.stamp)
})

test('paths come in byte order', () => {
  const name = fc.string({
    unit: fc.constantFrom('a', 'b', '.', '-', '0', 'é', '\ue000', '\u{1f600}'),
    minLength: 1,
    maxLength: 3,
  })
  const trees = fc.array(fc.array(name, { minLength: 1, maxLength: 3 }), { maxLength: 12 })
  fc.assert(
    fc.property(trees, (paths) => {
      const root = temporaryFolder()
      for (const parts of paths) {
        // Where a part is `.` or `..`, or a file in the way of a folder, there is no such path.
        try {
          if (!parts.includes('.') && !parts.includes('..')) writeTree(root, { [parts.join('/')]: '' })
        } catch {}
      }
      const walked = collect(root, { hidden: true }).paths
      expect(walked).toEqual(walked.toSorted((a, b) => Buffer.compare(Buffer.from(a), Buffer.from(b))))
      const listed = execFileSync('find', [root, '-type', 'f', '-printf', '%P\\0']).toString().split('\0').slice(0, -1)
      expect(walked.toSorted()).toEqual(listed.toSorted())
    }),
    { numRuns: 40, seed: 1 },
  )
})

test('an empty folder has nothing to tell', () => {
  expect(collect(temporaryFolder())).toEqual({ files: [], paths: [], excluded: {}, problems: [] })
})

describe('rules', () => {
  test('hidden files are counted, hidden folders are not entered, stores never', () => {
    const root = writeTree(temporaryFolder(), {
      '.a.js': '',
      '.b/b.js': '',
      '.git/c.js': '',
      '.millrace/d.js': '',
      'e.js': '',
    })
    expect(collect(root)).toMatchObject({ paths: ['e.js'], excluded: { '.a.js': 'hidden' } })
    expect(collect(root, { hidden: true })).toMatchObject({ paths: ['.a.js', '.b/b.js', 'e.js'], excluded: {} })
  })

  test("a worktree's .git file is no file of the tree", () => {
    const root = writeTree(temporaryFolder(), { '.git': 'gitdir: elsewhere', '.gitignore': '*.log', 'a.log': '' })
    expect(collect(root, { hidden: true })).toMatchObject({
      paths: ['.gitignore'],
      excluded: { '.git': 'hidden', 'a.log': 'ignored' },
    })
  })

  test('vendor folders are not entered unless asked for, or the root is one', () => {
    const root = writeTree(temporaryFolder(), {
      'node_modules/a/a.js': '',
      'x/vendor/b.js': '',
      vendor2: '',
      'y/Pods': '',
    })
    expect(collect(root).paths).toEqual(['vendor2', 'y/Pods'])
    expect(collect(root, { vendor: true }).paths).toEqual(['node_modules/a/a.js', 'vendor2', 'x/vendor/b.js', 'y/Pods'])
    expect(collect(`${root}/node_modules`).paths).toEqual(['a/a.js'])
  })

  test('include takes files, exclude drops files and prunes folders', () => {
    const root = writeTree(temporaryFolder(), {
      'a.ts': '',
      'a.md': '',
      'x/a.ts': '',
      'x/a.test.ts': '',
      'dist/a.ts': '',
    })
    const { paths, excluded } = collect(root, { include: ['*.ts'], exclude: ['*.test.ts', 'dist'] })
    expect(paths).toEqual(['a.ts', 'x/a.ts'])
    expect(excluded).toEqual({ 'a.md': 'not-included', 'x/a.test.ts': 'excluded' })
  })
})

describe('symbolic links', () => {
  test('are told and not followed', () => {
    const root = writeTree(temporaryFolder(), { 'a.js': '' })
    symlinkSync('a.js', `${root}/to-file`)
    symlinkSync('.', `${root}/to-folder`)
    symlinkSync('nowhere', `${root}/to-nothing`)
    expect(collect(root)).toMatchObject({
      paths: ['a.js'],
      excluded: { 'to-file': 'symlink', 'to-folder': 'symlink', 'to-nothing': 'symlink' },
      problems: [],
    })
  })

  test('are followed on request, a folder once, loops and broken links survived', () => {
    const outside = writeTree(temporaryFolder(), { 'o.js': 'outside' })
    const root = writeTree(temporaryFolder(), { 'b/b.js': 'b', 'z.js': '' })
    symlinkSync('b', `${root}/a`)
    symlinkSync('..', `${root}/b/up`)
    symlinkSync('loop', `${root}/loop`)
    symlinkSync('nowhere', `${root}/broken`)
    symlinkSync('nowhere', `${root}/.broken`)
    symlinkSync(outside, `${root}/out`)
    symlinkSync(`${outside}/o.js`, `${root}/o.js`)
    const { files, paths, excluded, problems } = collect(root, { followSymlinks: true })
    expect(paths).toEqual(['a/b.js', 'o.js', 'out/o.js', 'z.js'])
    expect(files[1]?.size).toBe(7)
    expect(excluded).toEqual({ '.broken': 'hidden' })
    expect(problems.map(({ path, code }) => [path, code])).toEqual([
      ['broken', 'ENOENT'],
      ['loop', 'ELOOP'],
    ])
  })
})

test('pipes and sockets are told and not touched', async () => {
  const root = writeTree(temporaryFolder(), { 'a.js': '' })
  execFileSync('mkfifo', [`${root}/pipe.js`])
  await using server = createServer()
  await new Promise<void>((resolve) => server.listen(`${root}/socket.js`, resolve))
  expect(collect(root)).toMatchObject({ paths: ['a.js'], excluded: { 'pipe.js': 'special', 'socket.js': 'special' } })
})

describe('problems', () => {
  const tree = { 'a/a.js': '', 'b/b.js': '', 'c.js': '' }

  // Permissions do not bind the superuser, as whom tests may run: the port stands in for the operating system.
  test('a folder that cannot be read is told, its neighbours are found', () => {
    const root = writeTree(temporaryFolder(), tree)
    const { paths, problems } = collect(root, {}, failing('readFolder', `${root}/a/`, 'EACCES'))
    expect(paths).toEqual(['b/b.js', 'c.js'])
    expect(problems).toEqual([{ path: 'a', code: 'EACCES', message: `EACCES: ${root}/a/` }])
  })

  test('a root that cannot be read any more is told as "."', () => {
    const root = `${temporaryFolder()}/gone`
    expect(collect(root)).toMatchObject({ paths: [], problems: [{ path: '.', code: 'ENOENT' }] })
  })

  test('a file that vanishes after its folder was listed is told', () => {
    const root = writeTree(temporaryFolder(), tree)
    const vanishing: WalkFs = {
      ...nodeFs,
      lstat: (path) => {
        if (path === `${root}/b/b.js`) rmSync(path)
        return nodeFs.lstat(path)
      },
    }
    expect(collect(root, {}, vanishing)).toMatchObject({
      paths: ['a/a.js', 'c.js'],
      problems: [{ path: 'b/b.js', code: 'ENOENT' }],
    })
  })

  test('a file that became a pipe after its folder was listed is told', () => {
    const root = writeTree(temporaryFolder(), tree)
    const swapping: WalkFs = { ...nodeFs, lstat: (path) => nodeFs.lstat(path === `${root}/c.js` ? `${root}/a` : path) }
    expect(collect(root, {}, swapping)).toMatchObject({ paths: ['a/a.js', 'b/b.js'], excluded: { 'c.js': 'special' } })
  })
})

test('names that are not UTF-8 are told with their bytes spelled out', () => {
  const root = writeTree(temporaryFolder(), { 'a\ufffd.js': '', 'b.js': '' })
  const raw = (...parts: (string | number)[]) =>
    Buffer.concat(
      [`${root}/`, ...parts].map((part) => (typeof part === 'number' ? Buffer.of(part) : Buffer.from(part))),
    )
  writeFileSync(raw('caf', 0xe9, '-é.js'), '')
  writeFileSync(raw(0xc3, '.js'), '')
  mkdirSync(raw('dir', 0xff))
  writeFileSync(raw('dir', 0xff, '/inside.js'), '')
  expect(collect(root)).toMatchObject({
    paths: ['a\ufffd.js', 'b.js'],
    excluded: { 'caf\\xe9-é.js': 'name-not-utf8', '\\xc3.js': 'name-not-utf8', 'dir\\xff/': 'name-not-utf8' },
    problems: [],
  })
})

describe('deep trees', () => {
  test('a path of 4,000 characters is found, one beyond what the system takes is a problem', () => {
    const root = writeTree(temporaryFolder(), { 'z.js': '' })
    const deep = `${root}${`/${'d'.repeat(199)}`.repeat(19)}`
    mkdirSync(deep, { recursive: true })
    const name = 'f'.repeat(4000 - deep.length - 1)
    writeFileSync(`${deep}/${name}`, '')
    // Moved in as a whole, for its own inner paths are too long to be made in place.
    const tail = writeTree(temporaryFolder(), { [`e${`/${'e'.repeat(250)}`.repeat(2)}/a.js`]: '' })
    renameSync(`${tail}/e`, `${deep}/e`)
    try {
      const { paths, problems } = collect(root)
      expect(paths).toEqual([`${deep}/${name}`.slice(root.length + 1), 'z.js'])
      expect(problems.map(({ code }) => code)).toEqual(['ENAMETOOLONG'])
    } finally {
      renameSync(`${deep}/e`, `${tail}/e`)
    }
  })

  // Deeper than any path a system takes, and than recursion would go.
  test('a depth of 20,000 folders is walked', () => {
    const folder = readdirSync(writeTree(temporaryFolder(), { 'd/a.js': '' }), { withFileTypes: true })[0]!
    let depth = 0
    const bottomless: WalkFs = {
      ...nodeFs,
      readFolder: () => (depth++ < 20_000 ? [folder] : []),
    }
    expect(collect('/', { vendor: true, gitignore: false }, bottomless)).toMatchObject({ paths: [], problems: [] })
    expect(depth).toBe(20_001)
  })
})
