import { MillraceError, VirtualClock } from '@millrace/kernel'
import { describe, expect, test } from 'vitest'
import { jobsAhead, ledgerOwned, waitForTurn } from '../../src/engine/turn.ts'
import { ownerOfThisProcess } from '../../src/ledger/job-owner.ts'
import type { JobRow, Ledger } from '../../src/ledger/ledger.ts'

const clock = new VirtualClock()
const alive = ownerOfThisProcess(clock)
const dead = { ...alive, startedMs: 1 }

function job(jobId: string, row: Partial<JobRow> = {}): JobRow {
  return {
    jobId,
    root: '/tree',
    processors: [],
    config: '{}',
    priority: 1,
    owner: alive,
    createdMs: 0,
    state: 'queued',
    startedMs: null,
    starts: 0,
    finishedMs: null,
    summary: null,
    reason: null,
    discoveryDone: false,
    supersededBy: null,
    ...row,
  }
}

const ids = (jobs: readonly JobRow[]) => jobs.map(({ jobId }) => jobId)

describe('jobsAhead', () => {
  test('the one that runs, then higher priorities, then older ones; nobody who is done or dead', () => {
    const jobs = [
      job('6', { state: 'done' }),
      job('5', { priority: 3 }),
      job('4'),
      job('3', { owner: dead, priority: 3 }),
      job('2'),
      job('1', { state: 'running' }),
      job('0', { state: 'running', owner: dead }),
    ]
    expect(ids(jobsAhead(jobs, '4'))).toEqual(['1', '5', '2'])
    expect(ids(jobsAhead(jobs, '5'))).toEqual(['1'])
  })
})

/** The part of a ledger that waiting needs. */
function ledgerOf(jobs: () => readonly JobRow[], tryOwn: () => boolean): Ledger {
  return { jobs: async () => jobs(), tryOwn: async () => tryOwn() } as unknown as Ledger
}

describe('waitForTurn', () => {
  test('goes when the one before it is done and the lock is free, and tells whom it waits for', async () => {
    const clock = new VirtualClock()
    let jobs = [job('2'), job('1', { state: 'running' })]
    let free = false
    const told: (readonly string[])[] = []
    let gone = false
    const turn = waitForTurn(
      ledgerOf(
        () => jobs,
        () => free,
      ),
      '2',
      {
        clock,
        signal: new AbortController().signal,
        onBehind: (behind) => told.push(behind),
      },
    ).then(() => (gone = true))
    await steps(clock, 5)
    expect(gone).toBe(false)
    expect(told).toEqual([['1']])
    jobs = [job('2'), job('1', { state: 'done' })]
    await steps(clock, 5)
    expect(gone).toBe(false)
    free = true
    await steps(clock, 2)
    await turn
  })

  test('lets a waiting job of a higher priority go first, though the lock is free', async () => {
    const clock = new VirtualClock()
    let jobs = [job('2', { priority: 3 }), job('1')]
    let asked = 0
    const ledger = ledgerOf(
      () => jobs,
      () => {
        asked++
        return true
      },
    )
    const turn = waitForTurn(ledger, '1', { clock, signal: new AbortController().signal, onBehind: () => {} })
    await steps(clock, 5)
    expect(asked).toBe(0)
    jobs = [job('2', { priority: 3, owner: dead }), job('1')]
    await steps(clock, 2)
    await turn
    expect(asked).toBe(1)
  })

  test('waits for a ledger that is away, and fails with what does not pass', async () => {
    const clock = new VirtualClock()
    const thrown: unknown[] = []
    const ledger = {
      jobs: async () => {
        const error = thrown.shift()
        if (error !== undefined) throw error
        return [job('1')]
      },
      tryOwn: async () => true,
    } as unknown as Ledger
    const options = { clock, signal: new AbortController().signal, onBehind: () => {} }
    const away = new MillraceError('LEDGER_UNREACHABLE', 'It is away.', { detail: { patience: 'It is away' } })
    thrown.push(away, away)
    const turn = waitForTurn(ledger, '1', options)
    await steps(clock, 5)
    await turn
    expect(thrown).toEqual([])
    thrown.push(new MillraceError('LEDGER_REFUSED', 'No.'))
    await expect(waitForTurn(ledger, '1', options)).rejects.toMatchObject({ code: 'LEDGER_REFUSED' })
  })

  test('ends with the reason of its signal', async () => {
    const clock = new VirtualClock()
    const stop = new AbortController()
    const jobs = [job('2'), job('1', { state: 'running' })]
    const turn = waitForTurn(
      ledgerOf(
        () => jobs,
        () => false,
      ),
      '2',
      { clock, signal: stop.signal, onBehind: () => {} },
    )
    await steps(clock, 2)
    stop.abort(new Error('enough'))
    await expect(turn).rejects.toThrow('enough')
  })
})

test('the refusal names the job that has the ledger, and the ways out', async () => {
  const running = job('20261121-001', { state: 'running', startedMs: 0, root: '/work/tree' })
  const error = await ledgerOwned(
    ledgerOf(
      () => [running],
      () => false,
    ),
    '/state',
  )
  expect(error.code).toBe('LEDGER_OWNED')
  expect(error.message).toMatch(
    /\/state is in use by job 20261121-001 over \/work\/tree \(process \d+, since .*\).*--queue.*--state/,
  )
  const elsewhere = { ...running, owner: { host: 'elsewhere.invalid', pid: 7, startedMs: 1 } }
  const far = ledgerOf(
    () => [elsewhere],
    () => false,
  )
  expect((await ledgerOwned(far, '/state')).message).toContain('(process 7 on elsewhere.invalid, since')
  expect((await ledgerOwned(far, '/state', () => false)).message).toContain('another process')
  const unknown = await ledgerOwned(
    ledgerOf(
      () => [],
      () => false,
    ),
    '/state',
  )
  expect(unknown.message).toContain('another process')
})

/** Lets `count` looks at the ledger pass. */
async function steps(clock: VirtualClock, count: number): Promise<void> {
  for (let i = 0; i < count; i++) {
    for (let turns = 0; turns < 10; turns++) await Promise.resolve()
    clock.advance(200)
  }
}
