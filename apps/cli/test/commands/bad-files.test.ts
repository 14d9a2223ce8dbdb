import { execFileSync, spawn } from 'node:child_process'
import { once } from 'node:events'
import { chmod, mkdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { expect, test } from 'vitest'
import { BIN, Folder, jsonLines, runMillrace } from '../run-millrace.ts'

const NEIGHBOURS = {
  'a.js': 'export const a = 1',
  'm/n.ts': 'export const n: number = 2',
  'z.js': 'export const z = 3',
}
/** Against hangs. */
const HANG_MS = 150_000
/** Within which a command is through with bad files: they cost their deadlines and little else. */
const TIME_BOUND_MS = 20_000

/** Runs over a tree of three good files and the bad ones that `spoil` makes; the good ones must be delivered in time. */
async function runOver(spoil: (tree: string) => Promise<void> | void, args: readonly string[] = []) {
  await using folder = await Folder.with(
    Object.fromEntries(Object.entries(NEIGHBOURS).map(([path, source]) => [`tree/${path}`, source])),
  )
  await spoil(folder.at('tree'))
  const { code, stdout, ms } = await runMillrace(folder.path, [
    'files',
    'run',
    'tree',
    '--json',
    '--out',
    'out.jsonl',
    ...args,
  ])
  // The tree may hold paths that only `rm` can remove.
  execFileSync('rm', ['-rf', folder.at('tree')])
  const events = jsonLines(stdout)
  const delivered = (await readFile(folder.at('out.jsonl'), 'utf8')).trim().split('\n')
  expect(delivered.map((line) => (JSON.parse(line) as { path: string }).path)).toEqual(
    expect.arrayContaining(Object.keys(NEIGHBOURS)),
  )
  expect(ms).toBeLessThan(TIME_BOUND_MS)
  return {
    code,
    summary: events.at(-1)!,
    quarantined: Object.fromEntries(
      events.flatMap((event) => (event.event === 'file-quarantined' ? [[event.path, event.code]] : [])),
    ),
    problems: events.flatMap((event) => (event.event === 'discovery-problem' ? [event] : [])),
  }
}

test('files of bad contents are quarantined, each for its reason, or delivered with diagnostics; their neighbours are delivered', async () => {
  const { code, summary, quarantined } = await runOver(async (tree) => {
    await writeFile(join(tree, 'binary.js'), new Uint8Array([0x7f, 0x45, 0x4c, 0x46, 0, 1]))
    await writeFile(join(tree, 'latin.js'), new Uint8Array([0x61, 0xff, 0xfe, 0x62]))
    await writeFile(join(tree, 'cut.ast.json'), '{"type": "Program", ')
    await writeFile(join(tree, 'unparsed.js'), 'function (')
  })
  expect(quarantined).toEqual({
    'binary.js': 'FILE_BINARY',
    'latin.js': 'FILE_NOT_UTF8',
    'cut.ast.json': 'AST_INVALID',
  })
  expect(summary).toMatchObject({ event: 'summary', discovered: 7, delivered: 4, quarantined: 3, excluded: 0 })
  expect(code).toBe(2)
})

test('a file that may not be read is quarantined, a folder is told, and their neighbours are delivered', async () => {
  await using folder = await Folder.with({
    'tree/a.js': 'a',
    'tree/closed/b.js': 'b',
    'tree/secret.js': 'b',
    'tree/z.js': 'c',
  })
  await chmod(folder.at('tree/secret.js'), 0)
  await chmod(folder.at('tree/closed'), 0)
  const { code, stdout } = await runWithoutPrivileges(folder.path, ['files', 'run', 'tree', '--json'])
  await chmod(folder.at('tree/closed'), 0o700)
  const events = jsonLines(stdout)
  expect(events.find(({ event }) => event === 'file-quarantined')).toMatchObject({
    path: 'secret.js',
    code: 'FILE_UNREADABLE',
  })
  expect(events.find(({ event }) => event === 'discovery-problem')).toMatchObject({ path: 'closed', code: 'EACCES' })
  expect(events.at(-1)).toMatchObject({ discovered: 3, delivered: 2, quarantined: 1 })
  expect(code).toBe(2)
})

test('a read-only output folder is told before any work', async () => {
  await using folder = await Folder.with({ 'tree/a.js': 'a', 'out/keep': '' })
  await chmod(folder.at('out'), 0o500)
  const { code, stderr } = await runWithoutPrivileges(folder.path, [
    'files',
    'run',
    'tree',
    '--out',
    'out/results.jsonl',
  ])
  expect(stderr).toMatch(/OUT_UNWRITABLE/)
  expect(stderr.trim().split('\n')).toHaveLength(1)
  expect(code).toBe(1)
})

test('a FIFO, a device, a link and a name that is not UTF-8 are excluded, counted, and hang nothing', async () => {
  const { code, summary } = await runOver(async (tree) => {
    execFileSync('mkfifo', [join(tree, 'pipe.js')])
    execFileSync('ln', ['-s', '/dev/zero', join(tree, 'zero.js')])
    await writeFile(Buffer.concat([Buffer.from(`${tree}/`), Buffer.from([0xff, 0x2e, 0x6a, 0x73])]), 'x')
  })
  expect(summary).toMatchObject({ discovered: 6, delivered: 3, excluded: 3 })
  expect(code).toBe(0)
})

test('where links are followed, a device is not read for ever, a loop has an end, and a file that is never the same is quarantined', async () => {
  const { code, summary, quarantined } = await runOver(
    (tree) => {
      execFileSync('ln', ['-s', '/dev/zero', join(tree, 'zero.js')])
      execFileSync('ln', ['-s', '..', join(tree, 'm/loop')])
      // The system's own files say they are empty and are not: they are not the same at the end of a read as at its start.
      execFileSync('ln', ['-s', '/proc/version', join(tree, 'x.js')])
    },
    ['--follow-symlinks'],
  )
  expect(quarantined).toEqual({ 'x.js': 'FILE_CHANGED' })
  expect(summary).toMatchObject({ discovered: 5, delivered: 3, quarantined: 1, excluded: 1 })
  expect(code).toBe(2)
})

test('a path of 4,000 characters is delivered, a longer one than the system takes is told', async () => {
  const { code, summary, problems } = await runOver(async (tree) => {
    const name = 'x.js'
    let deep = tree
    while (join(deep, name).length < 4000)
      deep = join(deep, 'd'.repeat(Math.max(1, Math.min(200, 3999 - join(deep, name).length))))
    expect(join(deep, name).length).toBeGreaterThanOrEqual(4000)
    await mkdir(deep, { recursive: true })
    await writeFile(join(deep, name), 'export default 1')
    // Only from within can a path be made that no absolute path reaches.
    execFileSync('touch', [`${'y'.repeat(200)}.js`], { cwd: deep })
  })
  expect(problems).toMatchObject([{ code: 'ENAMETOOLONG' }])
  expect(summary).toMatchObject({ delivered: 4, quarantined: 0 })
  expect(code).toBe(0)
})

/** Runs the command so that permission bits bind it, whoever runs the tests. */
async function runWithoutPrivileges(cwd: string, args: readonly string[]) {
  const command = [process.execPath, BIN, ...args]
  const overrides = '-dac_override,-dac_read_search'
  const [file, ...rest] =
    process.getuid?.() === 0 ? ['setpriv', '--bounding-set', overrides, '--inh-caps', overrides, ...command] : command
  const child = spawn(file!, rest, {
    cwd,
    stdio: ['ignore', 'pipe', 'pipe'],
    timeout: HANG_MS,
    killSignal: 'SIGKILL',
  })
  const [stdout, stderr, [code]] = await Promise.all([text(child.stdout!), text(child.stderr!), once(child, 'close')])
  return { code: code as number | null, stdout, stderr }
}
