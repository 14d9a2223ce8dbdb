import { readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { Folder, jsonLines, type Running, startMillrace } from '../run-millrace.ts'
import { askFiles } from './run-many.ts'

const TIME_BOUND = { timeout: 240_000 }

/** Gives the runs of a watch, one after the other, as it tells of them. */
function runsOf({ child, ended }: Running): () => Promise<Record<string, unknown>> {
  let text = ''
  let told = 0
  let wake = () => {}
  child.stdout?.on('data', (more: string) => {
    text += more
    wake()
  })
  const runs = () =>
    (text.includes('\n') ? jsonLines(text.slice(0, text.lastIndexOf('\n'))) : []).filter(({ type }) => type === 'run')
  return async () => {
    while (runs().length <= told) {
      const more = new Promise<void>((resolve) => {
        wake = resolve
      })
      const over = ended.then(({ stderr }) => {
        throw new Error(`It ended before it told of run ${told + 1}: ${text}\n${stderr}`)
      })
      await Promise.race([more, over])
    }
    return runs()[told++]!
  }
}

test(
  'watch: an edit and a removal are runs, Ctrl-C ends it, and what it leaves is what a run leaves',
  TIME_BOUND,
  async () => {
    await using folder = await Folder.with({
      'tree/a.js': 'let a = 1\n',
      'tree/b.js': 'let b = 1\n',
      'tree/c.js': 'let c\n',
    })
    const watch = startMillrace(folder.path, [
      'files',
      'watch',
      'tree',
      '--workers',
      '1',
      '--json',
      '--out',
      'watched.jsonl',
    ])
    const next = runsOf(watch)
    expect(await next()).toMatchObject({ changes: 0, delivered: 3 })
    // In one step, as editors do: a file that is being written may be read in between.
    writeFileSync(folder.at('fresh.js'), 'function b(x) { return x ? 1 : 2 }\n')
    renameSync(folder.at('fresh.js'), folder.at('tree/b.js'))
    expect(await next()).toMatchObject({ changes: 1, delivered: 3, reused: 2 })
    rmSync(folder.at('tree/c.js'))
    expect(await next()).toMatchObject({ changes: 1, delivered: 2, removed: 1 })
    watch.child.kill('SIGINT')
    const { code, stderr } = await watch.ended
    // Nothing was under way: what was asked for is done.
    expect([code, stderr]).toEqual([0, 'Stopping; press Ctrl-C again to stop at once.\n'])

    const [run, same] = await askFiles(
      folder.path,
      ['run', 'tree', '--workers', '1', '--state', 'other', '--out', 'ran.jsonl', '--quiet'],
      ['query', 'select path, complexity from results order by path', '--json', '--state', '.millrace'],
    )
    expect(run!.code).toBe(0)
    expect(jsonLines(same!.stdout)).toEqual([
      { path: 'a.js', complexity: 1 },
      { path: 'b.js', complexity: 3 },
    ])
    expect(readFileSync(folder.at('watched.jsonl'), 'utf8')).toBe(readFileSync(folder.at('ran.jsonl'), 'utf8'))
  },
)

test('what cannot be watched, scheduled or planned gets a sentence', TIME_BOUND, async () => {
  await using folder = await Folder.with({ 'tree/a.js': 'let a = 1\n' })
  const [absent, file, cron, never, nowhere, zone, plan, json, none, bare, less, elsewhere] = await askFiles(
    folder.path,
    ['watch', 'absent'],
    ['watch', 'tree/a.js'],
    ['schedule', 'tree', '--cron', '99 * * * *'],
    ['schedule', 'tree', '--cron', '0 2 30 2 *'],
    ['schedule', 'absent', '--cron', '0 2 * * *'],
    ['schedule', 'tree', '--cron', '0 2 * * *', '--timezone', 'Moon/Base'],
    ['plan', '--files', '1000000', '--workers', '8', '--ms-per-file', '1'],
    ['plan', '--files', '1000000', '--workers', '8', '--ms-per-file', '1', '--json'],
    ['plan', '--files', '0', '--workers', '8'],
    ['plan', '--files'],
    ['plan', '--files', '5'],
    ['plan', '--files', '5', '--workers', '1', '--state', 'absent'],
  )
  expect([absent!.code, absent!.stderr]).toEqual([1, expect.stringMatching(/^millrace: .*absent.*\(ROOT_MISSING\)\n$/)])
  expect([cron!.code, cron!.stderr]).toEqual([
    1,
    expect.stringMatching(/^millrace: "99 \* \* \* \*" is no schedule: .*\(SCHEDULE_INVALID\)\n$/),
  ])
  expect([never!.code, never!.stderr]).toEqual([
    1,
    'millrace: "0 2 30 2 *" never comes: there is no such day, or it is over. (SCHEDULE_INVALID)\n',
  ])
  expect([nowhere!.code, nowhere!.stderr]).toEqual([1, expect.stringMatching(/absent.*\(ROOT_MISSING\)\n$/)])
  expect([zone!.code, zone!.stderr]).toEqual([
    1,
    expect.stringMatching(/no time zone "Moon\/Base".*\(SCHEDULE_INVALID\)\n$/),
  ])
  expect(plan!.stdout).toMatch(/^ {2}1,000,000 files .* 8 workers[\s\S]*WORKERS +TAKES/m)
  expect(JSON.parse(json!.stdout)).toMatchObject({ forecast: { workers: 8 }, measured: null })
  expect([plan!.code, json!.code, none!.code]).toEqual([0, 0, 1])
  expect([file!.code, file!.stderr]).toEqual([1, expect.stringMatching(/a\.js.*\(ROOT_NOT_DIRECTORY\)\n$/)])
  expect(bare!.stderr).toMatch(/^millrace: The flag --files <n> needs a value\. See .*\(FLAG_INVALID\)\n$/)
  expect(less!.stderr).toMatch(/^millrace: The flag --workers <n> is missing\. See .*\(ARGUMENTS_INVALID\)\n$/)
  expect(elsewhere!.stderr).toMatch(/absent.*\(LEDGER_MISSING\)\n$/)
  expect(none!.stderr).toMatch(/^millrace: --files must be .*\(FLAG_INVALID\)\n$/)
})

test('a schedule that is stopped before its first moment leaves nothing behind', TIME_BOUND, async () => {
  await using folder = await Folder.with({ 'tree/a.js': 'let a = 1\n' })
  const { child, ended } = startMillrace(folder.path, ['files', 'schedule', 'tree', '--cron', '0 2 29 2 *'])
  child.stderr?.once('data', () => child.kill('SIGINT'))
  const { code, stdout, stderr } = await ended
  expect([code, stdout]).toEqual([0, ''])
  expect(stderr).toMatch(/^The next run over tree is at \d{4}-02-29 02:00\. Ctrl-C stops\.\nStopping; .*\n$/)
  const [jobs] = await askFiles(folder.path, ['jobs', '--json'])
  expect(jobs!.stdout).toBe('')
})
