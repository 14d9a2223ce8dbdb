import { expect, it } from 'vitest'
import type { JobReport } from '../../src/job/job-report.ts'
import { jobSummary } from '../../src/summary/job-summary.ts'
import { formatMoment, jobTable } from '../../src/summary/job-table.ts'
import { createStyle } from '../../src/text/style.ts'
import { displayWidth } from '../../src/text/width.ts'
import { result } from '../made-up.ts'

const view = {
  width: 80,
  style: createStyle({ color: false, unicode: true }),
  pathOf: (path: string) => path.replace('/work/', ''),
}
const startedMs = new Date(2026, 10, 21, 3, 8).getTime()
const report: JobReport = {
  job: '7',
  state: 'done',
  root: '/work/tree',
  books: result.books,
  startedMs,
  seconds: 12.4,
  processors: ['syntax@1', 'ast-json@1'],
  reason: null,
  out: '/work/out.jsonl',
  filesPerSecond: 2049,
  peakRssMb: 612,
  exclusions: result.exclusions,
  slowest: result.slowest,
  highlights: result.highlights,
  quarantined: result.quarantined,
}

it('shows a job with every quarantined file', () => {
  const text = jobSummary(report, view)
  expect(text).toContain(`  Job 7  done  tree
  started 2026-11-21 03:08 · 25,443 files in 12.4 s · 2,049 files/s · 612 MB at peak
`)
  expect(text.match(/FILE_NOT_UTF8/g)).toHaveLength(12)
  expect(text).toContain('at offset 11 begins no\n      character. Convert it.\n')
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

it('writes moments in local time', () => {
  expect(formatMoment(startedMs)).toBe('2026-11-21 03:08')
})
