import { MillraceError, VirtualClock } from '@millrace/kernel'
import fc from 'fast-check'
import { describe, expect, test, vi } from 'vitest'
import type { DispatcherOptions } from '../../src/dispatch/dispatcher.ts'
import type { BatchOutcome } from '../../src/dispatch/outcome.ts'
import { ResourceBreaker } from '../../src/dispatch/resource-breaker.ts'
import type { AssignedFile } from '../../src/worker/executor.ts'
import { type FileScript, ScriptedExecutor } from './scripted-executor.ts'
import { batchOf, finish, pathsOf, settled, setUp } from './set-up.ts'

const full = new MillraceError('LEDGER_WRITE_FAILED', 'The disk is full', { detail: { sqlite: 13, file: 'l.db' } })
const deliver: FileScript = { act: 'deliver' }

function unreadable(path: string, code: string): FileScript {
  return { act: 'fail', code: 'FILE_READ_FAILED', transient: true, evidence: { path, code } }
}

const batches = (count: number, size: number) =>
  Array.from({ length: count }, (_, batchId) =>
    batchOf(
      batchId,
      Array.from({ length: size }, (_, index) => `${batchId}/${index}`),
    ),
  )

describe('ResourceBreaker', () => {
  function breakerOn(clock: VirtualClock) {
    const told: string[] = []
    const breaker = new ResourceBreaker({
      clock,
      exhausted: (error) => (error === full ? 'full' : undefined),
      onOpen: (reason) => told.push(`open: ${reason}`),
      onDue: () => told.push(`due at ${clock.now()}`),
      onClose: () => told.push('closed'),
    })
    return { breaker, told }
  }

  test('waits 1, 2, 4, 8, 15, 15 s, lets one in after each, and is told open and closed once', async () => {
    const clock = new VirtualClock()
    const { breaker, told } = breakerOn(clock)
    for (let attempt = 0; attempt < 7; attempt++) {
      expect(breaker.tryEnter()).toBe(true)
      await expect(breaker.run(() => Promise.reject(full))).rejects.toBe(full)
      expect(breaker.state).toBe('open')
      expect(breaker.tryEnter()).toBe(false)
      clock.advance([1000, 2000, 4000, 8000, 15_000, 15_000, 15_000][attempt]!)
    }
    expect(breaker.tryEnter()).toBe(true)
    expect(breaker.tryEnter()).toBe(false)
    const { promise, resolve } = Promise.withResolvers<void>()
    const probe = breaker.run(() => promise)
    expect(breaker.state).toBe('half-open')
    resolve()
    await probe
    expect(breaker.state).toBe('closed')
    const due = [1, 3, 7, 15, 30, 45, 60].map((second) => `due at ${second * 1000}`)
    expect(told).toEqual(['open: full', ...due, 'closed'])
  })

  test('other errors are none of its business', async () => {
    const { breaker } = breakerOn(new VirtualClock())
    await expect(breaker.run(() => Promise.reject(new Error('other')))).rejects.toThrow('other')
    expect(breaker.state).toBe('closed')
  })

  test('a wall clock that is set back does not hold it shut', async () => {
    const clock = new VirtualClock()
    const { breaker } = breakerOn(clock)
    const wall = vi.spyOn(Date, 'now').mockReturnValue(1e12)
    await expect(breaker.run(() => Promise.reject(full))).rejects.toBe(full)
    wall.mockReturnValue(0)
    clock.advance(1000)
    expect(breaker.tryEnter()).toBe(true)
    await breaker.run(async () => {})
    wall.mockRestore()
    expect(breaker.state).toBe('closed')
  })
})

/** A ledger that fails while `fault` gives an error, and refuses what a real one would. */
function faultyLedger(fault: () => unknown) {
  const kept: BatchOutcome[] = []
  const tried: number[] = []
  let clock: VirtualClock | undefined
  const complete = new Set<number>()
  const commit: DispatcherOptions<AssignedFile>['commit'] = async (outcome) => {
    tried.push(clock?.now() ?? 0)
    await Promise.resolve()
    const error = fault()
    if (error !== undefined) throw error
    expect(complete.has(outcome.batch.batchId)).toBe(false)
    if (outcome.complete) complete.add(outcome.batch.batchId)
    kept.push(outcome)
  }
  return { kept, tried, commit, on: (its: VirtualClock) => (clock = its) }
}

describe('a ledger that cannot be written', () => {
  test('pauses the job, says why, and is tried again until it can', async () => {
    let error: unknown = full
    const ledger = faultyLedger(() => error)
    const { clock, dispatcher, events } = setUp(() => new ScriptedExecutor(() => deliver, 1), {
      commit: ledger.commit,
      concurrency: 1,
    })
    ledger.on(clock)
    dispatcher.enqueue(batches(3, 4))
    dispatcher.seal()
    await settled()
    expect(dispatcher.breaker).toBe('open')
    expect(dispatcher.paused).toBe(
      'The disk of the ledger is full (l.db); the job goes on by itself when that has passed',
    )
    for (let second = 0; second < 40; second++) {
      clock.advance(1000)
      await settled()
    }
    expect(ledger.tried.map((ms) => ms / 1000)).toEqual([0, 1, 3, 7, 15, 30])
    expect(ledger.kept).toEqual([])
    expect(events.filter(({ type }) => type === 'batch-started')).toHaveLength(1)
    error = undefined
    await finish(dispatcher, clock)
    expect(dispatcher.breaker).toBe('closed')
    expect(dispatcher.paused).toBe(null)
    expect(pathsOf(ledger.kept, 'delivered')).toHaveLength(12)
    expect(events.filter(({ type }) => type === 'paused')).toHaveLength(1)
    expect(events.find(({ type }) => type === 'continued')).toEqual({
      type: 'continued',
      by: 'resource',
      pausedMs: 45_000,
    })
    expect(clock.pending).toBe(0)
  })

  test('is waited for no longer than it may be: then the job fails with the error itself', async () => {
    const ledger = faultyLedger(() => full)
    const { clock, dispatcher } = setUp(() => new ScriptedExecutor(() => deliver), {
      commit: ledger.commit,
      maxPauseMs: () => 10_000,
    })
    dispatcher.enqueue(batches(2, 2))
    await settled()
    clock.advance(9999)
    await settled()
    dispatcher.seal()
    clock.advance(1)
    await expect(dispatcher.finished).rejects.toBe(full)
    await dispatcher.close()
    expect(clock.pending).toBe(0)
  })

  test('does not hold up a drain: one more try, then the job fails', async () => {
    for (const recovers of [true, false]) {
      let error: unknown = full
      const ledger = faultyLedger(() => error)
      const { dispatcher } = setUp(() => new ScriptedExecutor(() => deliver, 1), { commit: ledger.commit })
      dispatcher.enqueue(batches(2, 4))
      await settled()
      if (recovers) error = undefined
      dispatcher.drain()
      if (recovers) {
        await dispatcher.finished
        expect(pathsOf(ledger.kept, 'delivered')).toHaveLength(8)
      } else await expect(dispatcher.finished).rejects.toBe(full)
      await dispatcher.close()
    }
  })

  test('whose fsync failed is final at once', async () => {
    const lost = new MillraceError('LEDGER_WRITE_FAILED', 'no', { detail: { sqlite: 1034 } })
    const { dispatcher } = setUp(() => new ScriptedExecutor(() => deliver), { commit: () => Promise.reject(lost) })
    dispatcher.enqueue(batches(1, 2))
    await expect(dispatcher.finished).rejects.toBe(lost)
    expect(dispatcher.breaker).toBe('closed')
  })
})

describe('files that cannot be read for want of descriptors', () => {
  test('five in a row pause the job, one batch finds out, and no file pays for it with its attempts', async () => {
    let short = true
    const { clock, dispatcher, events, outcomes } = setUp(
      () => new ScriptedExecutor(({ path }) => (short ? unreadable(path, 'EMFILE') : deliver)),
      { concurrency: 2, retryAttempts: () => 1 },
    )
    dispatcher.enqueue(batches(6, 5))
    dispatcher.seal()
    await settled()
    expect(dispatcher.breaker).toBe('open')
    expect(dispatcher.paused).toContain('The workers are out of file descriptors (EMFILE, at ')
    const started = () => events.filter(({ type }) => type === 'batch-started').length
    expect(started()).toBe(2)
    for (const [wait, batches] of [
      [999, 2],
      [1, 3],
      [1999, 3],
      [1, 4],
    ] as const) {
      clock.advance(wait)
      await settled()
      expect(started()).toBe(batches)
    }
    short = false
    await finish(dispatcher, clock)
    expect(pathsOf(outcomes, 'delivered')).toHaveLength(30)
    expect(Math.max(...outcomes.flatMap(({ attempts }) => attempts.map(({ attempt }) => attempt)))).toBe(1)
  })

  test('a single one is retried and given up as ever', async () => {
    const { clock, dispatcher, events, outcomes } = setUp(
      () => new ScriptedExecutor(({ path }) => (path === '0/1' ? unreadable(path, 'EIO') : deliver)),
    )
    dispatcher.enqueue(batches(2, 3))
    dispatcher.seal()
    await finish(dispatcher, clock)
    expect(outcomes.flatMap(({ quarantined }) => quarantined)).toMatchObject([{ attempts: 4 }])
    expect(events.some(({ type }) => type === 'paused')).toBe(false)
  })
})

describe('a worker that the system does not let start', () => {
  test('is waited for, and its batch with it', async () => {
    for (const how of ['rejects', 'throws'] as const) {
      let failures = 0
      const { clock, dispatcher, outcomes, events } = setUp(() => {
        const error = new MillraceError('WORKER_START_FAILED', 'no', { detail: { code: 'EAGAIN' } })
        const fails = ++failures <= 5
        if (fails && how === 'throws') throw Object.assign(new Error('no'), { code: 'ENOMEM' })
        const executor = new ScriptedExecutor(() => deliver)
        if (fails) executor.run = () => Promise.reject(error)
        return executor
      })
      dispatcher.enqueue(batches(3, 2))
      dispatcher.seal()
      await settled()
      expect(dispatcher.breaker).toBe('open')
      await finish(dispatcher, clock)
      expect(pathsOf(outcomes, 'delivered')).toHaveLength(6)
      expect(events.filter(({ type }) => type === 'paused')).toHaveLength(1)
    }
  })
})

interface Outage {
  readonly what: 'ledger' | 'read' | 'start'
  readonly fromMs: number
  readonly forMs: number
}

/**
 * Runs a job through outages at random times: every file is delivered once, in the order of its batch's outcomes, none is quarantined. The
 * mutant's failures to read do not tell what was lacking, so that they count as attempts while the breaker is open.
 */
const outlives = (code: 'EMFILE' | 'EBUSY') => {
  const outage = (what: Outage['what'], latestMs: number) =>
    fc.record<Outage>({
      what: fc.constant(what),
      fromMs: fc.integer({ min: 0, max: latestMs }),
      forMs: fc.integer({ min: 100, max: 40_000 }),
    })
  // Reading fails while there are five files to tell it by: fewer are left to their retries.
  const anyOutage = fc.oneof(outage('ledger', 3000), outage('start', 3000), outage('read', 300))
  return fc.asyncProperty(
    fc.array(anyOutage, { maxLength: 4 }),
    fc.integer({ min: 1, max: 3 }),
    fc.integer({ min: 5, max: 9 }),
    async (outages, concurrency, size) => {
      let clock: VirtualClock | undefined
      const out = (what: Outage['what']) => {
        const now = clock?.now() ?? 0
        return outages.some((one) => one.what === what && now >= one.fromMs && now < one.fromMs + one.forMs)
      }
      const ledger = faultyLedger(() => (out('ledger') ? full : undefined))
      const job = setUp(
        (clock) => {
          const executor = new ScriptedExecutor(
            ({ path }) => (out('read') ? unreadable(path, code) : deliver),
            2,
            undefined,
            () => new Promise((resolve) => clock.after(50, resolve)),
          )
          const run = executor.run.bind(executor)
          let started = false
          executor.run = (assignment, onReport) => {
            started ||= !out('start')
            const error = new MillraceError('WORKER_START_FAILED', 'no', { detail: { code: 'EMFILE' } })
            return started ? run(assignment, onReport) : Promise.reject(error)
          }
          return executor
        },
        // Each outage may cost a file one attempt, before five in a row have shown what it is.
        { commit: ledger.commit, concurrency, retryAttempts: () => 4 },
      )
      clock = job.clock
      job.dispatcher.enqueue(batches(8, size))
      job.dispatcher.seal()
      let over = false
      const end = job.dispatcher.finished.finally(() => (over = true))
      for (let turn = 0; turn < 20_000 && !over; turn++) {
        await settled()
        job.clock.advance(50)
      }
      await end
      expect(pathsOf(ledger.kept, 'quarantined')).toEqual([])
      const paths = batches(8, size).flatMap(({ files }) => files.map(({ path }) => path))
      expect(pathsOf(ledger.kept, 'delivered').sort()).toEqual(paths.sort())
    },
  )
}

describe('a job', () => {
  test('outlives whatever runs out: nothing lost, nothing doubled, nothing blamed', async () => {
    await fc.assert(outlives('EMFILE'), { numRuns: 25 })
  })

  test('the property fails where attempts count while the breaker is open', async () => {
    await expect(fc.assert(outlives('EBUSY'), { numRuns: 50, endOnFailure: true })).rejects.toThrow()
  })
})
