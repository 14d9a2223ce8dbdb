import { spawnSync } from 'node:child_process'
import { closeSync, openSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { describe, expect, it } from 'vitest'
import { PICKY } from '../picky.ts'
import { BIN, Folder, jsonLines, runMillrace, startMillrace } from '../run-millrace.ts'
import { askFiles } from './run-many.ts'

const tree = {
  'tree/b.ts': 'export const b: number = 2\n',
  'tree/a.js': 'export function a(x) { return x ? 1 : 2 }\n',
  'tree/notes.bin': 'no processor takes this',
  'tree/.hidden.js': '',
}

describe('millrace files run', () => {
  it('processes a tree, exports it in order, and says what it did', { timeout: 240_000 }, async () => {
    await using folder = await Folder.with(tree)
    const run = await runMillrace(folder.path, ['files', 'run', 'tree', '--workers', '1'])
    expect(run.stdout).toMatch(/^\n {2}✓ Done {2}tree\n {2}2 files in /)
    expect(run.stdout).toContain('✓ The books balance: 4 = 2 + 0 + 2')
    expect(run.stdout).toMatch(/Results {2}millrace-results\.jsonl \(2 records, \d+ B\)/)
    expect(run.stdout).toMatch(/Next {5}millrace files show \S+\n/)
    expect(run.stderr).toMatch(/^started: job \S+ over .*\n[\s\S]*discovered: 2 files, 2 excluded/)
    expect(run.code).toBe(0)
    const records = jsonLines(await readFile(folder.at('millrace-results.jsonl'), 'utf8'))
    expect(records.map(({ path }) => path)).toEqual(['a.js', 'b.ts'])

    const [jobs, show, unknown] = await askFiles(folder.path, ['jobs'], ['show'], ['show', 'nope'])
    expect(jobs.stdout).toMatch(/^JOB +STATE +FILES +STARTED +TOOK +ROOT\n\S+ +done +4 .* tree\n$/)
    expect(show.stdout).toContain('✓ The books balance: 4 = 2 + 0 + 2')
    expect([jobs.code, show.code]).toEqual([0, 0])
    expect(unknown.stderr).toMatch(/^millrace: There is no job "nope"\..*\(JOB_UNKNOWN\)\n$/)
    expect(unknown.code).toBe(1)
  })

  it('says so when there is nothing to do', { timeout: 240_000 }, async () => {
    await using folder = await Folder.with({ 'millrace.config.json': '{"files":{"dir":"tree"}}', 'tree/sub/.keep': '' })
    const run = await runMillrace(folder.path, ['files', 'run', '--json', '--hidden', '--exclude', '.keep'])
    expect(jsonLines(run.stdout).at(-1)).toMatchObject({ event: 'summary', discovered: 1, delivered: 0, excluded: 1 })
    expect(run.code).toBe(0)
    await using empty = await Folder.with()
    await using elsewhere = await Folder.with()
    const nothing = await runMillrace(elsewhere.path, ['files', 'run', empty.path])
    expect(nothing.stdout).toContain('There are no files in it.')
    expect(nothing.stdout).toContain('✓ The books balance: 0 = 0 + 0 + 0')
    expect(nothing.code).toBe(0)
  })

  it('quarantines what fails, tells why, and exits with 2', { timeout: 240_000 }, async () => {
    await using folder = await Folder.with({ 'picky.js': PICKY, 'tree/good.txt': 'good', 'tree/bad.txt': 'bad' })
    const args = ['files', 'run', 'tree', '--processor', './picky.js', '--workers', '1']
    const run = await runMillrace(folder.path, args)
    expect(run.stdout).toContain('✓ Done, 1 quarantined')
    expect(run.stdout).toMatch(/bad\.txt\n {4}\S+ {2}.*this file says it is bad/)
    expect(run.code).toBe(2)
    const show = await runMillrace(folder.path, ['files', 'show', '--json'])
    expect(JSON.parse(show.stdout)).toMatchObject({
      state: 'done',
      books: { discovered: 2, delivered: 1, quarantined: 1, excluded: 0 },
      quarantined: [{ path: 'bad.txt', message: expect.stringContaining('this file says it is bad') }],
    })
  })

  it('prints JSON lines, the summary last, and nothing else', { timeout: 240_000 }, async () => {
    await using folder = await Folder.with(tree)
    const run = await runMillrace(folder.path, [
      'files',
      'run',
      'tree',
      '--json',
      '--out',
      'x/out.jsonl',
      '--log-level',
      'info',
    ])
    const events = jsonLines(run.stdout)
    expect(events.map(({ event }) => event)).toEqual(
      expect.arrayContaining(['job-started', 'discovery-done', 'batch-committed', 'exporting', 'job-finished']),
    )
    expect(Object.keys(events.at(-1) ?? {})).toEqual([
      'event',
      'job',
      'discovered',
      'delivered',
      'quarantined',
      'excluded',
      'reused',
      'removed',
      'starts',
      'seconds',
      'filesPerSecond',
      'peakRssMb',
      'out',
    ])
    expect(events.at(-1)).toMatchObject({ event: 'summary', delivered: 2, out: expect.stringMatching(/x.out\.jsonl$/) })
    const logged = jsonLines(run.stderr)
    expect(logged.map(({ msg }) => msg)).toContain('batch-committed')

    const quiet = await runMillrace(folder.path, ['files', 'run', 'tree', '--json', '--quiet', '--sink', 'none'])
    expect(jsonLines(quiet.stdout)).toEqual([expect.objectContaining({ event: 'summary', out: null })])
    const silent = await runMillrace(folder.path, ['files', 'run', 'tree', '--quiet'])
    expect([quiet.stderr, silent.stdout, silent.stderr]).toEqual(['', '', ''])
  })

  it.runIf(process.platform === 'linux')(
    'says in a line when its output has no room',
    { timeout: 240_000 },
    async () => {
      await using folder = await Folder.with(tree)
      const full = openSync('/dev/full', 'w')
      try {
        const { status, stderr } = spawnSync(process.execPath, [BIN, 'files', 'run', 'tree', '--quiet', '--json'], {
          cwd: folder.path,
          encoding: 'utf8',
          stdio: ['ignore', full, 'pipe'],
        })
        expect(stderr).toMatch(/^millrace: Standard output cannot be written: ENOSPC.* \(STDOUT_UNWRITABLE\)\n$/)
        expect(status).toBe(3)
      } finally {
        closeSync(full)
      }
    },
  )

  it('colours what it is told to colour', { timeout: 240_000 }, async () => {
    await using folder = await Folder.with(tree)
    const plain = await runMillrace(folder.path, ['files', 'run', 'tree'], { NO_COLOR: '1', LANG: 'C' })
    expect(plain.stdout).not.toContain('\u001b[')
    expect(plain.stdout).toContain('ok Done')
    const colored = await runMillrace(folder.path, ['files', 'show'], { FORCE_COLOR: '1' })
    expect(colored.stdout).toContain('\u001b[')
  })
})

describe('an early end', () => {
  const slow = Object.fromEntries(Array.from({ length: 200 }, (_, index) => [`tree/${index}.txt`, 'slow']))
  const run = ['files', 'run', 'tree', '--processor', './picky.js', '--workers', '1', '--batch-size', '2', '--json']

  it('drains at the first signal: what was in hand is delivered, the exit code is 130', {
    timeout: 240_000,
  }, async () => {
    await using folder = await Folder.with({ 'picky.js': PICKY, ...slow })
    const { child, ended } = startMillrace(folder.path, run)
    let asked = false
    child.stdout?.on('data', (text: string) => {
      if (!asked && text.includes('batch-committed')) asked = child.kill('SIGTERM')
    })
    const { code, stdout, stderr } = await ended
    expect(stderr).toMatch(/Finishing 1 batch in hand; press Ctrl-C again/)
    const events = jsonLines(stdout)
    const summary = events.at(-1)
    const committed = events.filter(({ event }) => event === 'batch-committed')
    const delivered = committed.reduce((sum, event) => sum + Number(event.delivered), 0)
    expect(summary).toMatchObject({ event: 'summary', discovered: 200, delivered, out: null })
    expect(delivered).toBeLessThan(200)
    expect(code).toBe(130)
    const jobs = await runMillrace(folder.path, ['files', 'jobs', '--json'])
    expect(JSON.parse(jobs.stdout)).toMatchObject({ state: 'interrupted', books: { delivered } })
  })

  it('stops at once at the second signal, and the job then shows as killed', { timeout: 240_000 }, async () => {
    await using folder = await Folder.with({ 'picky.js': PICKY, 'tree/stuck.txt': 'stuck' })
    const { child, ended } = startMillrace(folder.path, [...run, '--log-level', 'debug'])
    let told = ''
    let signals = 0
    child.stderr?.on('data', (text: string) => {
      told += text
      if (signals === 0 && told.includes('batch-started')) signals += Number(child.kill('SIGINT'))
      if (signals !== 1 || !told.includes('press Ctrl-C again')) return
      signals++
      // Those that come sooner are taken for the same, from when the first was heard.
      setTimeout(() => child.kill('SIGINT'), 350)
    })
    const { code, stderr } = await ended
    expect(code).toBe(130)
    expect(stderr).toMatch(/Stopped at once\. Resume it: millrace files resume \S+-001\n$/)
    const [jobs, show] = await askFiles(folder.path, ['jobs'], ['show'])
    expect(jobs.stdout).toContain('killed')
    expect(show.stdout).toContain('· 1 still to do')
  })

  it('drains without a word when nobody reads any more', { timeout: 240_000 }, async () => {
    await using folder = await Folder.with({ 'picky.js': PICKY, ...slow })
    const { child, ended } = startMillrace(folder.path, run)
    child.stdout?.once('data', () => child.stdout?.destroy())
    const { code, stderr } = await ended
    expect(stderr).toBe('')
    expect(code).toBe(130)
  })
})
