import { hostname } from 'node:os'
import { expect, it } from 'vitest'
import { probeProcess, shownState } from '../../src/job/job-state.ts'

const owner = { pid: 4711, startedMs: 1_000_000, host: hostname() }

it('believes every state but running', () => {
  for (const state of ['done', 'interrupted', 'failed'] as const) {
    expect(shownState({ state, owner }, () => undefined)).toBe(state)
  }
})

it('tells a running job from one whose process is gone, or whose number another process has', () => {
  const running = { state: 'running', owner } as const
  expect(shownState(running, () => undefined)).toBe('killed')
  expect(shownState(running, () => ({ startedMs: 1_000_400 }))).toBe('running')
  expect(shownState(running, () => ({ startedMs: 9_000_000 }))).toBe('killed')
  expect(shownState(running, () => ({ startedMs: undefined }))).toBe('running')
})

it('cannot tell of another machine', () => {
  const elsewhere = { state: 'running', owner: { ...owner, host: 'elsewhere.invalid' } } as const
  expect(shownState(elsewhere, () => undefined)).toBe('running')
})

it('knows when this very process started', () => {
  const found = probeProcess(process.pid)
  expect(found).toBeDefined()
  const startedMs = Date.now() - process.uptime() * 1000
  expect(shownState({ state: 'running', owner: { pid: process.pid, startedMs, host: hostname() } })).toBe('running')
})
