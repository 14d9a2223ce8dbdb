import { writeFile } from 'node:fs/promises'
import { expect, it } from 'vitest'
import { PICKY } from '../picky.ts'
import { Folder, jsonLines, runMillrace } from '../run-millrace.ts'
import { askFiles } from './run-many.ts'

it('lists, shows and retries the files that gave no result', { timeout: 240_000 }, async () => {
  await using folder = await Folder.with({
    'picky.js': PICKY,
    'tree/a.txt': 'good',
    'tree/bad.txt': 'bad',
    'tree/poison.txt': 'poison',
  })
  const command = (...args: string[]) => runMillrace(folder.path, ['files', ...args])
  const run = await command('run', 'tree', '--processor', './picky.js', '--workers', '1')
  expect(run.code).toBe(2)

  const [list, listJson, show, showJson, ...unknown] = await askFiles(
    folder.path,
    ['quarantine', 'list'],
    ['quarantine', 'list', '--json'],
    ['quarantine', 'show', 'tree/poison.txt'],
    ['quarantine', 'show', 'poison.txt', '--json'],
    ['quarantine', 'show', 'poisson.txt'],
    ['quarantine', 'retry', 'poisson.txt'],
  )
  expect(list.stdout).toMatch(
    /^CODE +ATTEMPTS +SIZE +PATH\n\S+ +\d+ +3 B +bad\.txt\nWORKER_CRASHED +\d+ +6 B +poison\.txt\n$/,
  )
  expect(jsonLines(listJson.stdout)).toMatchObject([
    { path: 'bad.txt' },
    { path: 'poison.txt', code: 'WORKER_CRASHED', size: 6 },
  ])

  expect(show.stdout).toMatch(/^\n {2}poison\.txt\n {2}WORKER_CRASHED · \d attempts? · 6 B · job \S+\n/)
  expect(show.stdout).toMatch(/Attempts\n[\s\S]*Evidence\n {2}signal +SIGSEGV\n[\s\S]*these are my last words/)
  expect(show.stdout).toContain('Again  millrace files quarantine retry poison.txt')
  expect(JSON.parse(showJson.stdout)).toMatchObject({
    path: 'poison.txt',
    evidence: { signal: 'SIGSEGV' },
    tries: [{ attempt: 1 }, { attempt: 2 }],
  })

  for (const { stderr, code } of unknown) {
    expect(stderr).toBe('millrace: "poisson.txt" is not in quarantine. Did you mean poison.txt? (QUARANTINE_UNKNOWN)\n')
    expect(code).toBe(1)
  }

  await writeFile(folder.at('cured'), '')
  const one = await command('quarantine', 'retry', 'bad.txt', '--json')
  expect(jsonLines(one.stdout).at(-1)).toMatchObject({ event: 'summary', delivered: 2, quarantined: 1 })
  expect(one.code).toBe(2)
  const all = await command('quarantine', 'retry')
  expect(all.stdout).toContain('✓ The books balance: 3 = 3 + 0 + 0')
  expect(all.code).toBe(0)
  const [none, empty] = await askFiles(folder.path, ['quarantine', 'retry'], ['quarantine', 'list'])
  expect(none.stdout).toMatch(/^Job \S+ has nothing in quarantine\.\n$/)
  expect(empty.stdout).toMatch(/has nothing in quarantine/)
  expect(none.code).toBe(0)
})
