import { expect, it } from 'vitest'
import type { JobReport } from '../../src/job/job-report.ts'
import { jobSummary } from '../../src/summary/job-summary.ts'
import { formatMoment, jobTable } from '../../src/summary/job-table.ts'
import { createStyle } from '../../src/text/style.ts'
import { displayWidth } from '../../src/text/width.ts'
import { result, statistics } from '../made-up.ts'

const view = {
  width: 80,
  style: createStyle({ color: false, unicode: true }),
  pathOf: (path: string) => path.replace('/work/', ''),
  nextCommand: null,
  listCommand: 'millrace files quarantine list 7',
}
const startedMs = new Date(2026, 10, 21, 3, 8).getTime()
const report: JobReport = {
  job: '7',
  state: 'done',
  paused: null,
  heardSecondsAgo: null,
  root: '/work/tree',
  books: result.books,
  startedMs,
  starts: 1,
  seconds: 12.4,
  supersededBy: null,
  running: null,
  processors: ['syntax@1', 'ast-json@1'],
  reason: null,
  out: '/work/out.jsonl',
  filesPerSecond: 2049,
  peakRssMb: 612,
  reused: null,
  exclusions: result.exclusions,
  slowest: result.slowest,
  highlights: result.highlights,
  quarantined: result.quarantined,
}

it('shows a job with its quarantined files by code, and where the rest of many is', () => {
  const text = jobSummary(report, view)
  expect(text).toContain(`  Job 7  done  tree
  started 2026-11-21 03:08 · 25,443 files in 12.4 s · 2,049 files/s · 612 MB at peak
`)
  expect(text).toContain(`
  Quarantined
  FILE_NOT_UTF8 ×12
    package-0/broken.js
        package-0/broken.js is not UTF-8: byte 0x92 at offset 11 begins no
        character. Convert it.
    package-1/broken.js
    package-2/broken.js
`)
  expect(text).toContain('    package-9/broken.js\n    … and 2 more: millrace files quarantine list 7\n\n')
  expect(text).toContain('  Processors  syntax@1, ast-json@1\n  Results     out.jsonl\n')
})

it('shows a killed job, which left less of itself', () => {
  const text = jobSummary(
    { ...report, state: 'killed', seconds: null, filesPerSecond: null, peakRssMb: null, out: null, reason: 'gone' },
    { ...view, width: 60 },
  )
  expect(text).toContain('Job 7  killed  tree\n  started 2026-11-21 03:08 · 25,443 files\n  gone\n')
  expect(text).toContain('Results     not exported')
})

it('shows how far a running job is, and what its workers do', () => {
  const running: JobReport = { ...report, state: 'running', starts: 2, out: null, running: statistics }
  const text = jobSummary(running, view)
  expect(text).toContain(`  Job 7  running  tree
  started 2026-11-21 03:08, for the 2nd time · for 12.4 s

  Processing   ██████████████████░░░░░░░░░░░░░░  57.3 %  14,573 of 25,431 files
               2,050 files/s · 21.3 MB/s · 7.1 s · 6 s left
               2 of 2 workers busy · 3 quarantined · 512 MB

  worker 0  process 4711  busy  98 % used  7,400 files  201 MB
  worker 1  process 4712  idle  96 % used  7,173 files  198 MB

  Discovered`)
})

it('says of a paused job why, whether it can be asked or not', () => {
  const paused = 'the user paused it, until it is resumed'
  const known: JobReport = { ...report, state: 'paused', paused, heardSecondsAgo: 1, out: null }
  expect(jobSummary(known, view)).toContain(`  Job 7  paused  tree
  started 2026-11-21 03:08 · for 12.4 s
  Job 7 is paused: the user paused it, until it is resumed.
`)
  const lacking =
    'no worker has joined yet; start one: millrace files work --postgres postgres://jobs@db.example.com/jobs --root .'
  expect(jobSummary({ ...known, paused: lacking }, view)).toContain(`
  Job 7 is paused: no worker has joined yet; start one:
    millrace files work --postgres postgres://jobs@db.example.com/jobs --root .
`)
  const asked = jobSummary({ ...known, running: { ...statistics, paused } }, view)
  expect(asked.match(/the user paused it/g)).toHaveLength(1)
  expect(asked).toContain('⏸ Paused: the user paused it')
})

it('says how long a job that should run was not heard of', () => {
  const silent: JobReport = { ...report, state: 'running', heardSecondsAgo: 155 }
  expect(jobSummary(silent, view)).toContain(
    '\n  Job 7 runs as far as is known, but was not heard of for 2 min: it hangs, or is\n  cut off.\n',
  )
  expect(jobTable([silent], view).split('\n')[1]).toBe('7    silent 2 min  25,940  2026-11-21 03:08  12.4 s  tree')
  expect(jobSummary({ ...silent, heardSecondsAgo: 14 }, view)).not.toContain('heard')
})

it('shows a queued job, and one that was ended before its turn', () => {
  const bare = { ...report, startedMs: null, starts: 0, seconds: null }
  expect(jobSummary({ ...bare, state: 'queued' }, view)).toContain('\n  waits for its turn at the ledger\n')
  expect(jobSummary({ ...bare, state: 'killed' }, view)).toContain('\n  was never started\n')
})

it('says who has the details of a superseded job, and how to go on', () => {
  const text = jobSummary(
    { ...report, state: 'superseded', supersededBy: '8' },
    { ...view, nextCommand: 'millrace files show 8' },
  )
  expect(text).toContain('\n  Job 8 has taken over its tree, and has the details.\n')
  expect(text).toContain('  Next        millrace files show 8\n')
})

it('lists jobs in a table that fits', () => {
  const table = jobTable(
    [report, { ...report, job: '12', state: 'killed', root: `/work/${'deep/'.repeat(30)}`, seconds: null }],
    view,
  )
  const [head, first, second] = table.split('\n')
  expect(head).toBe('JOB  STATE    FILES  STARTED             TOOK  ROOT')
  expect(first).toBe('7    done    25,940  2026-11-21 03:08  12.4 s  tree')
  expect(second).toMatch(/^12 {3}killed {2}25,940 {2}2026-11-21 03:08 {7}\? {2}….*deep\/$/)
  expect(displayWidth(second ?? '')).toBeLessThanOrEqual(80)
})

it('lists jobs that wait, and that others have taken over', () => {
  const queued: JobReport = { ...report, job: '9', state: 'queued', startedMs: null, seconds: null }
  const table = jobTable([queued, { ...report, state: 'superseded' }], view)
  expect(table.split('\n').slice(1, 3)).toEqual([
    '9    queued      25,940                            tree',
    '7    superseded  25,940  2026-11-21 03:08  12.4 s  tree',
  ])
})

it('writes moments in local time', () => {
  expect(formatMoment(startedMs)).toBe('2026-11-21 03:08')
})
