import { expect, it } from 'vitest'
import { quarantineTable } from '../../src/summary/quarantine-table.ts'
import { quarantinedFile } from '../../src/summary/quarantined-file.ts'
import { createStyle } from '../../src/text/style.ts'
import { displayWidth } from '../../src/text/width.ts'

const style = createStyle({ color: false, unicode: true })
const row = { fileId: 1, path: 'src/huge.js', size: 12_400, code: 'WORKER_CRASHED', message: 'It died.', attempts: 3 }

it('lists files in a table that fits', () => {
  const long = { ...row, path: `${'deep/'.repeat(30)}x.js`, code: 'FILE_BINARY', attempts: 1, evidence: '{}' }
  const table = quarantineTable([{ ...row, evidence: '{}' }, long], { width: 60, style })
  expect(table.split('\n').slice(0, 2)).toEqual([
    'CODE            ATTEMPTS     SIZE  PATH',
    'WORKER_CRASHED         3  12.4 KB  src/huge.js',
  ])
  expect(table.split('\n').every((line) => displayWidth(line) <= 60)).toBe(true)
})

it('shows a file with its attempts, its evidence and the last words of its worker', () => {
  const tries = [1, 2].map((attempt) => ({
    fileId: 1,
    attempt,
    ms: 812 * attempt,
    code: 'WORKER_CRASHED',
    message: 'The worker process was killed by SIGSEGV',
  }))
  const evidence = { signal: 'SIGSEGV', exitCode: 3, rssMb: 812, stderr: 'one\n\u001b[31mtwo' }
  const text = quarantinedFile(
    { ...row, job: '7', evidence, tries },
    { width: 60, style, retryCommand: 'millrace files quarantine retry src/huge.js' },
  )
  expect(text).toBe(`
  src/huge.js
  WORKER_CRASHED · 3 attempts · 12.4 KB · job 7

  It died.

  Attempts
  1  812 ms  WORKER_CRASHED  The worker process was killed …
  2   1.6 s  WORKER_CRASHED  The worker process was killed …

  Evidence
  signal     SIGSEGV
  exit code  3
  rss        812 MB

  Last words of the worker
  one
  \\x1b[31mtwo

  Again  millrace files quarantine retry src/huge.js

`)
})
