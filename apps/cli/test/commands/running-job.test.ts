import { existsSync } from 'node:fs'
import { readdir, writeFile } from 'node:fs/promises'
import { createServer } from 'node:http'
import { expect, it } from 'vitest'
import { connectControl } from '../../src/control/control-client.ts'
import { PICKY } from '../picky.ts'
import { Folder, jsonLines, printed, type Running, runMillrace, startMillrace } from '../run-millrace.ts'
import { askFiles } from './run-many.ts'

const run = ['files', 'run', 'tree', '--processor', './picky.js', '--workers', '1', '--batch-size', '1', '--json']
/** The larger one comes first. */
const BAD = 'bad '.repeat(1000)
const HELD = 'held '.repeat(100)
const files = {
  'picky.js': PICKY,
  'tree/a.txt': 'good',
  'tree/b.txt': BAD,
  'tree/c.txt': HELD,
  'tree/d.txt': 'good',
}
const TIME_BOUND = { timeout: 240_000 }

/** A job that has put a file in quarantine and waits for the test to say go. */
async function startHeld(folder: Folder, args: readonly string[] = run): Promise<Running> {
  const running = startMillrace(folder.path, args)
  await printed(running, /file-quarantined/)
  return running
}

const go = (folder: Folder) => writeFile(folder.at('go'), '')

it('can be shown, paused, configured, continued, and asked by curl', TIME_BOUND, async () => {
  await using folder = await Folder.with(files)
  const job = await startHeld(folder)
  const client = connectControl(folder.at('.millrace'))
  const { jobId } = await client.statistics()

  const [show, asJson, paused, showPaused, jobsPaused] = await askFiles(
    folder.path,
    ['show'],
    ['show', '--json'],
    ['pause'],
    ['show'],
    ['jobs'],
  )
  expect(show.stdout).toMatch(/Job \S+ {2}running {2}tree\n {2}started .* · for /)
  expect(show.stdout).toMatch(/1 of 1 worker busy/)
  expect(show.stdout).toMatch(/worker \d+ {2}process \d+ {2}busy {2}\d+ % used/)
  expect(JSON.parse(asJson.stdout)).toMatchObject({
    job: jobId,
    state: 'running',
    running: { phase: 'processing', paused: null },
  })

  expect(paused.stdout).toBe(
    `Job ${jobId} is paused. 1 batch in hand will be finished. It goes on with: millrace files resume\n`,
  )
  expect(showPaused.stdout).toMatch(/Job \S+ {2}paused {2}tree\n[\s\S]*⏸ Paused: /)
  expect(jobsPaused.stdout).toMatch(
    new RegExp(`\n${jobId} +paused .*\n\nJob ${jobId} is paused: the user paused it, until it is resumed\\.\n$`),
  )
  expect(await client.health()).toMatchObject({ status: 'paused' })

  const [configured, second, resumed, again] = await askFiles(
    folder.path,
    ['configure', '--workers', '2', '--deadline', '10', '--json'],
    ['run', 'tree', '--processor', './picky.js'],
    ['resume', '--json'],
    ['resume', jobId ?? ''],
  )
  expect(JSON.parse(configured.stdout)).toEqual({ event: 'configured', job: jobId, workerCount: 2, timeoutSeconds: 10 })

  expect(second.stderr).toMatch(new RegExp(`in use by job ${jobId} .*--queue.*\\(LEDGER_OWNED\\)\\n$`))
  expect(second.code).toBe(1)

  expect(JSON.parse(resumed.stdout)).toMatchObject({ event: 'continued', job: jobId })
  expect(again.stderr).toMatch(/is running and needs no resuming.*\(JOB_RUNNING\)\n$/)
  expect(again.code).toBe(1)

  await go(folder)
  const { code, stdout } = await job.ended
  expect(jsonLines(stdout).at(-1)).toMatchObject({ event: 'summary', delivered: 3, quarantined: 1, starts: 1 })
  expect(code).toBe(2)
  expect(existsSync(folder.at('.millrace/control.sock'))).toBe(false)
  const late = await runMillrace(folder.path, ['files', 'pause'])
  expect(late.stderr).toMatch(/^millrace: No job is running on the ledger in .*\(JOB_NOT_RUNNING\)\n$/)
  expect(late.code).toBe(1)
})

it('takes files out of quarantine beside its other work', TIME_BOUND, async () => {
  await using folder = await Folder.with(files)
  const retry = (...paths: string[]) => runMillrace(folder.path, ['files', 'quarantine', 'retry', ...paths])
  const job = await startHeld(folder)
  const unknown = await retry('c.txt')
  expect(unknown.stderr).toMatch(/"c\.txt" is not in quarantine\..*\(QUARANTINE_UNKNOWN\)\n$/)
  expect(unknown.code).toBe(1)
  await writeFile(folder.at('cured'), '')
  const known = await retry('tree/b.txt')
  expect(known.stdout).toMatch(/^Job \S+ tries 1 file again\.\n$/)
  expect(known.code).toBe(0)
  await go(folder)
  const { code, stdout } = await job.ended
  expect(jsonLines(stdout).at(-1)).toMatchObject({ delivered: 4, quarantined: 0 })
  expect(code).toBe(0)
})

it('lets another wait for the ledger', TIME_BOUND, async () => {
  await using folder = await Folder.with({ ...files, 'other/a.txt': 'good' })
  const first = await startHeld(folder)
  const waiting = (level: string) =>
    startMillrace(folder.path, ['files', 'run', 'other', '--processor', './picky.js', '--json', '--queue', level])
  const second = waiting('HIGH')
  expect(await printed(second, /job-queued/)).toMatch(/"behind":\["\d+-001"\]/)
  const third = waiting('low')
  expect(await printed(third, /job-queued/)).toMatch(/"behind":\["\d+-001","\d+-002"\]/)
  const jobs = await runMillrace(folder.path, ['files', 'jobs'])
  expect(jobs.stdout).toMatch(/-003 +queued .*\n.*-002 +queued .*\n.*-001 +running /)
  third.child.kill('SIGINT')
  const ended = await third.ended
  expect(jsonLines(ended.stdout).at(-1)).toMatchObject({ event: 'summary', starts: 0, discovered: 0 })
  expect(ended.code).toBe(130)
  await go(folder)
  expect((await first.ended).code).toBe(2)
  const { code, stdout } = await second.ended
  expect(jsonLines(stdout).at(-1)).toMatchObject({ event: 'summary', delivered: 1, starts: 1 })
  expect(code).toBe(0)
})

it('serves its metrics and its health on a port of this machine', TIME_BOUND, async () => {
  await using folder = await Folder.with(files)
  const job = startMillrace(folder.path, [...run, '--metrics', '0'])
  const url = await new Promise<string>((resolve) => {
    job.child.stderr?.on('data', (text: string) => {
      const found = /Metrics: (\S+)\n/.exec(text)?.[1]
      if (found !== undefined) resolve(found)
    })
  })
  await printed(job, /file-quarantined/)
  expect(await (await fetch(url)).text()).toMatch(/^millrace_files_quarantined 1$/m)
  expect((await fetch(new URL('/health', url))).status).toBe(200)
  const { port } = new URL(url)
  const other = await runMillrace(folder.path, ['files', 'run', 'tree', '--state', 's2', '--metrics', port])
  expect(other.stderr).toBe(
    `millrace: Port ${port} cannot be had for metrics: it is in use. Name another one, or 0 for any that is free. (METRICS_UNAVAILABLE)\n`,
  )
  expect(other.code).toBe(1)
  expect(existsSync(folder.at('s2'))).toBe(false)
  await go(folder)
  expect((await job.ended).code).toBe(2)
})

it('goes on where it cannot be reached, and says so', TIME_BOUND, async () => {
  await using folder = await Folder.with({ ...files, '.millrace/control.sock/keep': '', go: '' })
  const { code, stderr } = await runMillrace(folder.path, run)
  expect(JSON.parse(stderr)).toMatchObject({ level: 'warn', msg: expect.stringContaining('control.sock') })
  expect(code).toBe(2)
})

it('profiles a worker', TIME_BOUND, async () => {
  await using folder = await Folder.with({ ...files, go: '' })
  await runMillrace(folder.path, [...run, '--cpu-prof'])
  expect(await readdir(folder.at('millrace-profiles'))).toEqual([expect.stringMatching(/\.cpuprofile$/)])
})

it('is not to be confused with something else that listens', TIME_BOUND, async () => {
  await using folder = await Folder.with({ '.millrace/x': '' })
  const server = createServer((_, response) => response.end('hello')).listen(folder.at('.millrace/control.sock'))
  const { stderr, code } = await runMillrace(folder.path, ['files', 'pause'])
  expect(stderr).toMatch(/does not answer as it should: .*\(CONTROL_FAILED\)\n$/)
  expect(code).toBe(1)
  server.close()
})
