import { expect, test } from 'vitest'
import { jobToResume } from '../../src/engine/job-to-resume.ts'
import type { JobRow, JobState } from '../../src/ledger/ledger.ts'

const owner = { pid: 1, startedMs: 0, host: 'here' }
const row = (jobId: string, state: JobState, changes: Partial<JobRow> = {}): JobRow => ({
  jobId,
  state,
  root: '/tree',
  processors: [],
  config: '{}',
  priority: 1,
  owner,
  createdMs: 0,
  startedMs: 0,
  starts: 1,
  finishedMs: null,
  summary: null,
  reason: null,
  discoveryDone: false,
  supersededBy: null,
  ...changes,
})
const alive = { ...owner, host: 'alive' }
const isAlive = (job: JobRow) => job.owner.host === 'alive'
const resume = (jobs: readonly JobRow[], jobId?: string, reopen = false) =>
  jobToResume(jobs, jobId, { reopen, stateDir: '/state' }, isAlive)

test.each<JobState>(['interrupted', 'failed', 'running', 'queued'])('the newest that is %s is left', (state) => {
  expect(resume([row('3', 'done'), row('2', state), row('1', 'interrupted')]).jobId).toBe('2')
})

test('not one that a process works on, nor one that a later job took over from', () => {
  const jobs = [
    row('3', 'running', { owner: alive }),
    row('2', 'failed', { supersededBy: '3' }),
    row('1', 'interrupted'),
  ]
  expect(resume(jobs).jobId).toBe('1')
})

test('nothing left, an id the ledger has not, and a job that is done are told apart', () => {
  const jobs = [row('2', 'done'), row('1', 'running', { owner: alive })]
  expect(() => resume(jobs)).toThrow(expect.objectContaining({ code: 'NOTHING_TO_RESUME' }))
  expect(() => resume(jobs, '7')).toThrow(expect.objectContaining({ code: 'JOB_UNKNOWN' }))
  expect(() => resume(jobs, '2')).toThrow(expect.objectContaining({ code: 'JOB_DONE' }))
})

test('for its quarantine, a job that is done may be opened again', () => {
  expect(resume([row('2', 'done'), row('1', 'interrupted')], undefined, true).jobId).toBe('2')
  expect(resume([row('2', 'done')], '2', true).jobId).toBe('2')
})
