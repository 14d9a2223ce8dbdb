import { hostname } from 'node:os'
import { isOwnerAlive, type JobRow, type ProcessProbe, probeProcess } from '@millrace/files'
import { expect, it } from 'vitest'
import { isResumable, shownState as stateOf } from '../../src/job/job-state.ts'

const owner = { pid: 4711, startedMs: 1_000_000, host: hostname() }

const supersededBy = null

function shownState(job: Pick<JobRow, 'state' | 'owner' | 'supersededBy'>, probe: ProcessProbe = probeProcess) {
  return stateOf(job, (row) => isOwnerAlive(row.owner, probe))
}

it('believes every state but running and queued', () => {
  for (const state of ['done', 'interrupted', 'failed'] as const) {
    expect(shownState({ state, owner, supersededBy }, () => undefined)).toBe(state)
  }
})

it('tells a running job from one whose process is gone, or whose number another process has', () => {
  const running = { state: 'running', owner, supersededBy } as const
  expect(shownState(running, () => undefined)).toBe('killed')
  expect(shownState({ ...running, state: 'queued' }, () => undefined)).toBe('killed')
  expect(shownState({ ...running, state: 'queued' }, () => ({ startedMs: 1_000_400 }))).toBe('queued')
  expect(shownState(running, () => ({ startedMs: 1_000_400 }))).toBe('running')
  expect(shownState(running, () => ({ startedMs: 9_000_000 }))).toBe('killed')
  expect(shownState(running, () => ({ startedMs: undefined }))).toBe('running')
})

it('cannot tell of another machine', () => {
  const elsewhere = { state: 'running', owner: { ...owner, host: 'elsewhere.invalid' }, supersededBy } as const
  expect(shownState(elsewhere, () => undefined)).toBe('running')
})

it('knows when this very process started', () => {
  const found = probeProcess(process.pid)
  expect(found).toBeDefined()
  const startedMs = Date.now() - process.uptime() * 1000
  const owner = { pid: process.pid, startedMs, host: hostname() }
  expect(shownState({ state: 'running', owner, supersededBy })).toBe('running')
})

it('says what a later job has made impossible to resume; what is done stays done', () => {
  const state = (said: 'done' | 'interrupted' | 'running') =>
    shownState({ state: said, owner, supersededBy: '8' }, () => undefined)
  expect([state('done'), state('interrupted'), state('running')]).toEqual(['done', 'superseded', 'superseded'])
  expect((['killed', 'interrupted', 'failed'] as const).every(isResumable)).toBe(true)
  expect((['queued', 'running', 'paused', 'done', 'superseded'] as const).some(isResumable)).toBe(false)
})
