import { writeFile } from 'node:fs/promises'
import { expect, it } from 'vitest'
import { PICKY } from '../picky.ts'
import { Folder, jsonLines, runMillrace } from '../run-millrace.ts'

it('lists, shows and retries the files that gave no result', { timeout: 90_000 }, async () => {
  await using folder = await Folder.with({
    'picky.js': PICKY,
    'tree/a.txt': 'good',
    'tree/bad.txt': 'bad',
    'tree/poison.txt': 'poison',
  })
  const command = (...args: string[]) => runMillrace(folder.path, ['files', ...args])
  const run = await command('run', 'tree', '--processor', './picky.js', '--workers', '1')
  expect(run.code).toBe(2)

  const list = await command('quarantine', 'list')
  expect(list.stdout).toMatch(
    /^CODE +ATTEMPTS +SIZE +PATH\n\S+ +\d+ +3 B +bad\.txt\nWORKER_CRASHED +\d+ +6 B +poison\.txt\n$/,
  )
  const lines = jsonLines((await command('quarantine', 'list', '--json')).stdout)
  expect(lines).toMatchObject([{ path: 'bad.txt' }, { path: 'poison.txt', code: 'WORKER_CRASHED', size: 6 }])

  const show = await command('quarantine', 'show', 'tree/poison.txt')
  expect(show.stdout).toMatch(/^\n {2}poison\.txt\n {2}WORKER_CRASHED · \d attempts? · 6 B · job \S+\n/)
  expect(show.stdout).toMatch(/Attempts\n[\s\S]*Evidence\n {2}signal +SIGSEGV\n[\s\S]*these are my last words/)
  expect(show.stdout).toContain('Again  millrace files quarantine retry poison.txt')
  const shown = JSON.parse((await command('quarantine', 'show', 'poison.txt', '--json')).stdout)
  expect(shown).toMatchObject({
    path: 'poison.txt',
    evidence: { signal: 'SIGSEGV' },
    tries: [{ attempt: 1 }, { attempt: 2 }],
  })

  for (const verb of ['show', 'retry']) {
    const unknown = await command('quarantine', verb, 'poisson.txt')
    expect(unknown.stderr).toBe(
      'millrace: "poisson.txt" is not in quarantine. Did you mean poison.txt? (QUARANTINE_UNKNOWN)\n',
    )
    expect(unknown.code).toBe(1)
  }

  await writeFile(folder.at('cured'), '')
  const one = await command('quarantine', 'retry', 'bad.txt', '--json')
  expect(jsonLines(one.stdout).at(-1)).toMatchObject({ event: 'summary', delivered: 2, quarantined: 1 })
  expect(one.code).toBe(2)
  const all = await command('quarantine', 'retry')
  expect(all.stdout).toContain('✓ The books balance: 3 = 3 + 0 + 0')
  expect(all.code).toBe(0)
  const none = await command('quarantine', 'retry')
  expect(none.stdout).toMatch(/^Job \S+ has nothing in quarantine\.\n$/)
  expect((await command('quarantine', 'list')).stdout).toMatch(/has nothing in quarantine/)
  expect(none.code).toBe(0)
})
