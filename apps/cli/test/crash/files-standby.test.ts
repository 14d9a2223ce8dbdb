import { writeFile } from 'node:fs/promises'
import { startPostgres, type TestPostgres } from '@millrace/kernel/test/postgres/start-postgres'
import { startStandby } from '@millrace/kernel/test/postgres/start-standby'
import pg from 'pg'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { PICKY } from '../picky.ts'
import { Folder, jsonLines, printed, runMillrace, startMillrace } from '../run-millrace.ts'

const TIME_BOUND = { timeout: 240_000 }
/** What a command may take that is refused: the start of Node and of itself, on a machine that does much else. */
const REFUSED_MS = 20_000
const PLAN = ['--processor', './picky.js', '--batch-size', '1', '--out', 'results.jsonl']
let primary: TestPostgres
let standby: TestPostgres
let admin: pg.Client

beforeAll(async () => {
  primary = await startPostgres()
  admin = new pg.Client(primary.url)
  await admin.connect()
}, TIME_BOUND.timeout)
afterAll(async () => {
  await admin.end()
  await standby?.stop()
  await primary.stop()
})

it(
  'a standby can be read, while the job runs and afterwards; what would change it gets a sentence',
  TIME_BOUND,
  async () => {
    await using folder = await Folder.with({
      'picky.js': PICKY,
      'tree/a.txt': 'good',
      'tree/b.txt': 'bad '.repeat(1000),
      'tree/c.txt': 'held '.repeat(100),
    })
    const there = ['--postgres', primary.url]
    const run = startMillrace(folder.path, ['files', 'run', 'tree', ...PLAN, ...there, '--json'])
    const quarantined = printed(run, /file-quarantined/)
    const work = startMillrace(folder.path, [
      'files',
      'work',
      '--root',
      'tree',
      '--workers',
      '1',
      '--until-done',
      ...there,
    ])
    await quarantined
    standby = await startStandby(primary, (statement) => admin.query(statement))
    const ask = (...args: readonly string[]) => runMillrace(folder.path, ['files', ...args, '--postgres', standby.url])
    const readOnly = {
      code: 1,
      stderr: expect.stringMatching(/is a standby, .*Name the primary in the URL.*\(LEDGER_READ_ONLY\)\n$/),
    }

    // Locks are nothing that a standby knows of, and the job is not taken for dead.
    const [jobs, show, list] = await Promise.all([
      ask('jobs'),
      ask('show', '--json'),
      ask('quarantine', 'list', '--json'),
    ])
    expect(jobs).toMatchObject({ code: 0, stdout: expect.stringMatching(/-001 +running /) })
    expect(JSON.parse(show.stdout)).toMatchObject({ state: 'running', running: null })
    expect(JSON.parse(show.stdout).heardSecondsAgo).toBeGreaterThanOrEqual(0)
    expect(jsonLines(list.stdout)).toMatchObject([{ path: 'b.txt' }])
    const changing = [
      ['run', 'tree', ...PLAN],
      ['work', '--root', 'tree'],
      ['pause'],
      ['configure', '--deadline', '10'],
      ['schedule', 'tree', '--cron', '* * * * *'],
    ]
    for (const args of changing) {
      const answer = await ask(...args)
      expect(answer, args[0]).toMatchObject(readOnly)
      expect(answer.ms, args[0]).toBeLessThan(REFUSED_MS)
      expect(answer.stderr).not.toContain(primary.password)
    }

    // It runs where it is, and can be seen to be paused.
    expect(await runMillrace(folder.path, ['files', 'pause', ...there])).toMatchObject({ code: 0 })
    const asked = () => ask('jobs').then(({ stdout }) => stdout)
    await expect.poll(asked, { timeout: 30_000 }).toMatch(/-001 +paused /)
    expect(await runMillrace(folder.path, ['files', 'resume', ...there])).toMatchObject({ code: 0 })
    await expect.poll(asked, { timeout: 30_000 }).toMatch(/-001 +running /)

    // The primary has not noticed.
    await writeFile(folder.at('go'), '')
    expect([(await run.ended).code, (await work.ended).code]).toEqual([2, 0])
    await expect.poll(() => ask('jobs')).toMatchObject({ stdout: expect.stringMatching(/-001 +done /) })
    const counted = await ask('query', '--json', 'select count(*) as files from results')
    expect(counted).toMatchObject({ code: 0, stdout: expect.stringContaining('2') })
    expect(await ask('quarantine', 'retry')).toMatchObject(readOnly)

    // Of one that is killed a standby sees that nothing is heard any more.
    const second = startMillrace(folder.path, ['files', 'run', 'tree', ...PLAN, '--fresh', ...there, '--json'])
    await printed(second, /"paused"/)
    second.child.kill('SIGKILL')
    await second.ended
    await admin.query(`UPDATE millrace_files.cluster_run SET seen_at = seen_at - interval '130 seconds'`)
    await expect.poll(asked, { timeout: 30_000 }).toMatch(/-002 +silent 2 min [\s\S]* was not heard of for 2 min/)
    const here = await runMillrace(folder.path, ['files', 'jobs', ...there])
    expect(here.stdout).toMatch(/-002 +killed /)
  },
)
