import { readFileSync } from 'node:fs'
import { writeFile } from 'node:fs/promises'
import { startPostgres, type TestPostgres } from '@millrace/kernel/test/postgres/start-postgres'
import pg from 'pg'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { PICKY } from '../picky.ts'
import { type Ended, Folder, jsonLines, printed, runMillrace, startMillrace } from '../run-millrace.ts'
import { askFiles } from './run-many.ts'

const NO_LEDGER = /There is no ledger in PostgreSQL yet.*\(LEDGER_MISSING\)\n$/
const TIME_BOUND = { timeout: 240_000 }
const files = {
  'picky.js': PICKY,
  'tree/a.txt': 'good',
  'tree/b.txt': 'bad '.repeat(1000),
  'tree/c.txt': 'held '.repeat(100),
  'tree/d.txt': 'good',
}
const PLAN = ['--processor', './picky.js', '--batch-size', '1', '--out', 'results.jsonl']
let postgres: TestPostgres

beforeAll(async () => {
  postgres = await startPostgres()
})
afterAll(() => postgres.stop())

/** The address of a database of its own, for a test. */
async function newDatabase(name: string) {
  const admin = new pg.Client(postgres.url)
  await admin.connect()
  await admin.query(`CREATE DATABASE ${name}`)
  await admin.end()
  const withPassword = postgres.url.replace(/postgres$/, name)
  return { withPassword, url: withPassword.replace(`:${postgres.password}@`, '@') }
}

function expectNoPassword(...all: readonly Pick<Ended, 'stdout' | 'stderr'>[]): void {
  for (const { stdout, stderr } of all) {
    expect(`${stdout}${stderr}`).not.toContain(postgres.password)
    expect(`${stdout}${stderr}`).not.toMatch(/^ {4}at /m)
  }
}

it(
  'a job is coordinated here and done there, watched and steered from anywhere, and taken over where its coordinator is killed',
  TIME_BOUND,
  async () => {
    await using alone = await Folder.with({ ...files, go: '' })
    await using folder = await Folder.with(files)
    const { url, withPassword } = await newDatabase('steered')
    const env = { PGPASSWORD: postgres.password }
    const at = ['--postgres', withPassword]
    const single = runMillrace(alone.path, ['files', 'run', 'tree', '--workers', '1', ...PLAN])

    const first = startMillrace(folder.path, ['files', 'run', 'tree', ...PLAN, '--postgres', url, '--json'], env)
    const quarantined = printed(first, /file-quarantined/)
    const worker = startMillrace(
      folder.path,
      ['files', 'work', '--postgres', url, '--root', 'tree', '--workers', '1'],
      env,
    )
    await quarantined
    const [jobs, show, plan, paused] = await askFiles(
      folder.path,
      ['jobs', ...at],
      ['show', '--json', ...at],
      ['plan', '--files', '1000', '--workers', '2', '--json', ...at],
      ['pause', ...at],
    )
    // The database is told of it soon after.
    await expect
      .poll(async () => (await askFiles(folder.path, ['jobs', ...at]))[0].stdout, { timeout: 30_000 })
      .toMatch(/-001 +paused [\s\S]*\nJob \S+ is paused: the user paused it, until it is resumed\.\n$/)
    const [configured, resumed, second, held] = await askFiles(
      folder.path,
      ['configure', '--deadline', '10', '--json', ...at],
      ['resume', '--json', ...at],
      ['run', 'tree', ...PLAN, ...at],
      ['quarantine', 'list', '--json', ...at],
    )
    expect(jobs.stdout).toMatch(/-001 +running /)
    const { job } = JSON.parse(show.stdout)
    expect(JSON.parse(show.stdout)).toMatchObject({ state: 'running', running: { jobId: job, workers: 1 } })
    // Four files say nothing of a thousand.
    expect(JSON.parse(plan.stdout)).toMatchObject({ forecast: { workers: 2 }, measured: null })
    expect(paused.stdout).toMatch(new RegExp(`^Job ${job} is paused\\.`))
    expect(JSON.parse(configured.stdout)).toMatchObject({ event: 'configured', timeoutSeconds: 10 })
    expect(JSON.parse(resumed.stdout)).toMatchObject({ event: 'continued', job })
    expect(second.stderr).toMatch(new RegExp(`in use by job ${job} .*\\(LEDGER_OWNED\\)\\n$`))
    expect(jsonLines(held.stdout)).toMatchObject([{ path: 'b.txt' }])
    expect([jobs, show, paused, configured, resumed, second, held].map(({ code }) => code)).toEqual([
      0, 0, 0, 0, 0, 1, 0,
    ])

    first.child.kill('SIGKILL')
    const killed = await first.ended
    const admin = new pg.Client(withPassword)
    await admin.connect()
    await admin.query(`UPDATE millrace_files.jobs SET owner_host = 'elsewhere.invalid'`)
    await admin.end()
    const [gone, nobody] = await askFiles(folder.path, ['jobs', ...at], ['pause', ...at])
    expect(gone.stdout).toMatch(/-001 +killed [\s\S]*Resume it: .*files resume/)
    expect([nobody.code, nobody.stderr]).toEqual([1, expect.stringMatching(/\(JOB_NOT_RUNNING\)\n$/)])

    const next = startMillrace(folder.path, ['files', 'resume', '--postgres', url, '--json'], env)
    await printed(next, /job-started/)
    await writeFile(folder.at('go'), '')
    const ended = await next.ended
    expect(jsonLines(ended.stdout).at(-1)).toMatchObject({ event: 'summary', delivered: 3, quarantined: 1, starts: 2 })
    expect(ended.code).toBe(2)
    expect((await single).code).toBe(2)
    expect(readFileSync(folder.at('results.jsonl')).equals(readFileSync(alone.at('results.jsonl')))).toBe(true)

    // The worker waited for the next job, and does it.
    await writeFile(folder.at('cured'), '')
    const again = await runMillrace(folder.path, ['files', 'quarantine', 'retry', '--postgres', url, '--json'], env)
    expect(jsonLines(again.stdout).at(-1)).toMatchObject({ event: 'summary', delivered: 4, quarantined: 0 })
    worker.child.kill('SIGINT')
    const left = await worker.ended
    expect(left.code).toBe(130)
    expect(left.stderr).toMatch(/^joined: .* with 1 worker process\n[\s\S]*working: job /)
    expectNoPassword(jobs, show, paused, configured, resumed, second, held, killed, gone, nobody, ended, again, left)
  },
)

it('with --until-done a worker ends with the job', TIME_BOUND, async () => {
  await using folder = await Folder.with({ ...files, go: '' })
  const { url } = await newDatabase('until_done')
  const env = { PGPASSWORD: postgres.password }
  const place = ['--postgres', url]
  const [run, work] = await Promise.all([
    runMillrace(folder.path, ['files', 'run', 'tree', ...PLAN, ...place], env),
    runMillrace(folder.path, ['files', 'work', '--root', 'tree', '--workers', '1', '--until-done', ...place], env),
  ])
  expect([run.code, work.code]).toEqual([2, 0])
  expect(run.stdout).toMatch(/Done|delivered/)
  expect(work.stderr).toMatch(/\ndone: 4 files in 4 batches, .+\n$/)
  expectNoPassword(run, work)
})

it('what cannot be used is refused with a sentence, and no password is told', TIME_BOUND, async () => {
  await using folder = await Folder.with(files)
  const url = (parts: Partial<Pick<URL, 'username' | 'password' | 'port' | 'pathname'>>) =>
    Object.assign(new URL(postgres.url), parts).href
  const places: readonly (readonly [string, RegExp])[] = [
    [
      `mysql://jobs:${postgres.password}@host/db`,
      /--postgres must be an address such as postgres:.*\(FLAG_INVALID\)\n$/,
    ],
    [`postgres://jobs:${postgres.password}@host:port:7/db`, /--postgres must be an address.*\(FLAG_INVALID\)\n$/],
    [url({ password: 'wrong-pass-phrase' }), /password authentication failed.*\(LEDGER_REFUSED\)\n$/],
    [url({ username: 'nobody' }), /"nobody".*\(LEDGER_REFUSED\)\n$/],
    [url({ pathname: '/nowhere' }), /"nowhere" does not exist.*\(LEDGER_REFUSED\)\n$/],
    [`${postgres.url}?sslmode=require`, /takes no encrypted connections: leave out sslmode.*\(LEDGER_REFUSED\)\n$/],
    [url({ port: '1' }), /PostgreSQL does not answer \(127\.0\.0\.1:1\/.*\(LEDGER_UNREACHABLE\)\n$/],
  ]
  const { withPassword: untouched } = await newDatabase('untouched')
  const answers = await askFiles(
    folder.path,
    ...places.flatMap(([place]) => [
      ['run', 'tree', ...PLAN, '--postgres', place],
      ['jobs', '--postgres', place],
    ]),
    ...places.slice(0, -1).map(([place]) => ['work', '--root', 'tree', '--postgres', place]),
    ['work', '--root', 'tree'],
    // Who asks makes no tables.
    ['pause', '--postgres', untouched],
    ['jobs', '--postgres', untouched],
    ['work', '--root', 'nowhere', '--postgres', postgres.url],
  )
  const expected = [...places.flatMap(([, says]) => [says, says]), ...places.slice(0, -1).map(([, says]) => says)]
  for (const [index, says] of [
    ...expected,
    /needs the database.*\n$/,
    NO_LEDGER,
    NO_LEDGER,
    /\(ROOT_MISSING\)\n$/,
  ].entries()) {
    expect([answers[index]!.code, answers[index]!.stderr]).toEqual([1, expect.stringMatching(says)])
    expect(answers[index]!.stderr).not.toContain('wrong-pass-phrase')
  }
  expectNoPassword(...answers)
})
