import { existsSync } from 'node:fs'
import { readFile, rm, writeFile } from 'node:fs/promises'
import { describe, expect, it } from 'vitest'
import { PICKY } from '../picky.ts'
import { Folder, jsonLines, printed, runMillrace, startMillrace } from '../run-millrace.ts'
import { askFiles } from './run-many.ts'

const TIME_BOUND = { timeout: 240_000 }
const texts = Object.fromEntries(Array.from({ length: 40 }, (_, index) => [`tree/${index + 10}.txt`, 'good']))
const files = { 'picky.js': PICKY, ...texts, 'tree/50.txt': 'held', 'tree/51.txt': 'good' }
const run = ['files', 'run', 'tree', '--processor', './picky.js', '--workers', '1', '--batch-size', '4', '--json']

async function runKilled(folder: Folder): Promise<void> {
  const job = startMillrace(folder.path, run)
  await printed(job, /batch-committed/)
  job.child.kill('SIGKILL')
  await job.ended
}

const paths = async (folder: Folder) =>
  jsonLines(await readFile(folder.at('millrace-results.jsonl'), 'utf8')).map(({ path }) => `tree/${String(path)}`)

describe('millrace files resume', () => {
  it('goes on with a job that was killed, over the socket it left behind', TIME_BOUND, async () => {
    await using folder = await Folder.with(files)
    await runKilled(folder)
    expect(existsSync(folder.at('.millrace/control.sock'))).toBe(true)
    const [jobs, show] = await askFiles(folder.path, ['jobs'], ['show'])
    expect(jobs.stdout).toMatch(/killed .*\n\nResume it: millrace files resume \d+-001\n$/)
    expect(show.stdout).toMatch(/killed {2}tree\n[\s\S]*Next +millrace files resume \d+-001\n/)
    await writeFile(folder.at('go'), '')
    const { code, stdout } = await runMillrace(folder.path, ['files', 'resume', '--json'])
    const summary = jsonLines(stdout).at(-1)
    expect(summary).toMatchObject({ event: 'summary', delivered: 42, quarantined: 0, starts: 2 })
    expect(summary?.reused).toBeGreaterThan(0)
    expect(code).toBe(0)
    expect(existsSync(folder.at('.millrace/control.sock'))).toBe(false)
    expect(await paths(folder)).toEqual([...Object.keys(texts), 'tree/50.txt', 'tree/51.txt'])

    const [nothing, done, unknown] = await askFiles(
      folder.path,
      ['resume'],
      ['resume', String(summary?.job)],
      ['resume', 'nope'],
    )
    expect(nothing.stderr).toMatch(/\(NOTHING_TO_RESUME\)\n$/)
    expect(done.stderr).toMatch(/\(JOB_DONE\)\n$/)
    expect(unknown.stderr).toMatch(/^millrace: .*nope.*\(JOB_UNKNOWN\)\n$/)
    expect([nothing.code, done.code, unknown.code]).toEqual([1, 1, 1])
  })

  it(
    'refuses --json for a job whose results go to standard output, which is then only theirs',
    TIME_BOUND,
    async () => {
      await using folder = await Folder.with(files)
      const job = startMillrace(folder.path, [...run.slice(0, -1), '--out', '-'])
      job.child.stderr?.on('data', (text: string) => text.includes('discovered') && job.child.kill('SIGKILL'))
      await job.ended
      await writeFile(folder.at('go'), '')
      const { code, stdout, stderr } = await runMillrace(folder.path, ['files', 'resume', '--json'])
      expect(stderr).toMatch(
        /^millrace: Job \S+ writes its results to standard output, .* Leave out --json\. \(FLAG_INVALID\)\n$/,
      )
      expect(jsonLines(stdout)).toMatchObject([{ event: 'error', code: 'FLAG_INVALID' }])
      expect(code).toBe(1)
      const resumed = await runMillrace(folder.path, ['files', 'resume'])
      expect(jsonLines(resumed.stdout).map(({ path }) => `tree/${String(path)}`)).toHaveLength(42)
      expect(resumed.code).toBe(0)
    },
  )

  it('is what an interrupted run ends with, to the word', TIME_BOUND, async () => {
    await using folder = await Folder.with(files)
    const words = [...run.slice(0, -1), '--state', 'my ledger']
    const { child, ended } = startMillrace(folder.path, words)
    let told = ''
    child.stderr?.on('data', (text: string) => {
      told += text
      if (text.includes('discovered')) child.kill('SIGTERM')
      // It has heard: from now on it ends what it has in hand, and no more.
      if (told.includes('press Ctrl-C again')) void writeFile(folder.at('go'), '')
    })
    const interrupted = await ended
    expect(interrupted.code).toBe(130)
    expect(interrupted.stdout).toMatch(/✗ Interrupted/)
    const command = /Next +millrace files resume (\S+) --state 'my ledger'\n/.exec(interrupted.stdout)
    const resumed = await runMillrace(folder.path, ['files', 'resume', command?.[1] ?? '', '--state', 'my ledger'])
    expect(resumed.stdout).toMatch(/✓ Done {2}tree\n.*\n {2}Resumed · /)
    expect(resumed.stderr).toMatch(/^resumed: job /)
    expect(resumed.code).toBe(0)
  })

  it('leaves a job alone that a later one has taken over', TIME_BOUND, async () => {
    await using folder = await Folder.with(files)
    await runKilled(folder)
    await writeFile(folder.at('go'), '')
    const later = await runMillrace(folder.path, run)
    expect(later.code).toBe(0)
    const jobs = await runMillrace(folder.path, ['files', 'jobs'])
    expect(jobs.stdout).toMatch(/-002 +done .*\n.*-001 +superseded .*\n$/)
    const first = /\S+-001/.exec(jobs.stdout)?.[0] ?? ''
    const [show, ...refusals] = await askFiles(
      folder.path,
      ['show', first],
      ['resume', first],
      ['quarantine', 'list', first],
      ['quarantine', 'retry', '--job', first],
    )
    expect(show.stdout).toMatch(/Job \S+-002 has taken over its tree, and has the details\./)
    expect(show.code).toBe(0)
    for (const refused of refusals) {
      expect(refused.stderr).toMatch(/^millrace: .*-002.*\(JOB_SUPERSEDED\)\n$/)
      expect(refused.code).toBe(1)
    }
  })
})

describe('a second run', () => {
  it('does only what has changed, unless it is told otherwise', TIME_BOUND, async () => {
    await using folder = await Folder.with({ ...files, go: '' })
    const words = run.slice(0, -1)
    expect((await runMillrace(folder.path, words)).code).toBe(0)
    await rm(folder.at('tree/10.txt'))
    await writeFile(folder.at('tree/11.txt'), 'edited')
    const second = await runMillrace(folder.path, words)
    expect(second.stdout).toContain('\n  Reused 40 · processed 1 · removed 1\n')
    const summaryOf = async (flag: string) => jsonLines((await runMillrace(folder.path, [...run, flag])).stdout).at(-1)
    expect(await summaryOf('--verify')).toMatchObject({ delivered: 41, reused: 41 })
    expect(await summaryOf('--fresh')).toMatchObject({ delivered: 41, reused: 0 })
  })
})
