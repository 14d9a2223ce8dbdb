import { MillraceError } from '@millrace/kernel'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { BatchOutcome } from '../../src/dispatch/outcome.ts'
import type { AssignedFile, Assignment, Executor, ExecutorReport } from '../../src/worker/executor.ts'
import { type FileScript, ScriptedExecutor } from './scripted-executor.ts'
import { batchOf, finish, pathsOf, settled, setUp } from './set-up.ts'

const deliver: FileScript = { act: 'deliver' }
const delivered = (outcomes: readonly BatchOutcome[]) => pathsOf(outcomes, 'delivered')
const quarantined = (outcomes: readonly BatchOutcome[]) => pathsOf(outcomes, 'quarantined')

type Script = (file: AssignedFile) => FileScript

/** Says of every report that one more file is done than is. */
class HastyExecutor extends ScriptedExecutor {
  override run(assignment: Assignment, onReport: (report: ExecutorReport) => void) {
    return super.run(assignment, (report) => onReport({ ...report, next: report.next + 1 }))
  }
}

async function checkSettling(createExecutor: (script: Script) => Executor) {
  const act = fc.constantFrom<FileScript>(
    deliver,
    deliver,
    deliver,
    { act: 'fail', code: 'BAD', transient: false },
    { act: 'fail', code: 'BUSY', transient: true },
    { act: 'die', reason: 'crashed' },
    { act: 'confirm' },
    { act: 'die', reason: 'deadline' },
    { act: 'die', reason: 'memory' },
  )
  const batches = fc.array(fc.array(act, { minLength: 1, maxLength: 12 }), { maxLength: 8 })
  await fc.assert(
    fc.asyncProperty(
      batches,
      fc.integer({ min: 1, max: 4 }),
      fc.integer({ min: 1, max: 5 }),
      async (acts, concurrency, checkpointInterval) => {
        const scripts = new Map<string, FileScript>()
        const given = acts.map((files, batchId) => {
          for (const [index, script] of files.entries()) scripts.set(`${batchId}/${index}`, script)
          return batchOf(
            batchId,
            files.map((_, index) => `${batchId}/${index}`),
          )
        })
        const executor = () => createExecutor(({ path }) => scripts.get(path)!)
        const { clock, dispatcher, outcomes } = setUp(executor, { concurrency, checkpointInterval })
        dispatcher.enqueue(given)
        dispatcher.seal()
        await finish(dispatcher, clock)
        const withAct = (...acts: FileScript['act'][]) =>
          [...scripts].filter(([, { act }]) => acts.includes(act)).map(([path]) => path)
        expect(delivered(outcomes).sort()).toEqual(withAct('deliver').sort())
        expect(pathsOf(outcomes, 'confirmed').sort()).toEqual(withAct('confirm').sort())
        expect(quarantined(outcomes).sort()).toEqual(withAct('fail', 'die').sort())
        const complete = outcomes.filter((outcome) => outcome.complete).map(({ batch }) => batch.batchId)
        expect(complete.sort()).toEqual(given.map(({ batchId }) => batchId).sort())
      },
    ),
    { numRuns: 60 },
  )
}

describe('Dispatcher', () => {
  test('every file settles exactly once, as its script says, whatever dies or fails in between', async () => {
    await checkSettling((script) => new ScriptedExecutor(script))
  })

  test('the property fails for a worker that reports files before they are done', async () => {
    await expect(checkSettling((script) => new HastyExecutor(script))).rejects.toThrow()
  })

  test('a transient failure is tried again after a growing wait, and delivered when it passes', async () => {
    let tries = 0
    const { clock, dispatcher, outcomes } = setUp(
      () => new ScriptedExecutor(() => (++tries < 3 ? { act: 'fail', code: 'BUSY', transient: true } : deliver)),
    )
    dispatcher.enqueue([batchOf(0, ['a'])])
    dispatcher.seal()
    await settled()
    expect(tries).toBe(1)
    clock.advance(74)
    await settled()
    expect(tries).toBe(1)
    clock.advance(1)
    await settled()
    expect(tries).toBe(2)
    clock.advance(150)
    await dispatcher.finished
    expect(tries).toBe(3)
    expect(delivered(outcomes)).toEqual(['a'])
    expect(outcomes.flatMap(({ attempts }) => attempts.map(({ attempt }) => attempt))).toEqual([1, 2])
  })

  test('a failure that stays is quarantined after retryAttempts more tries, with its attempts', async () => {
    const { clock, dispatcher, outcomes } = setUp(
      () => new ScriptedExecutor(() => ({ act: 'fail', code: 'BUSY', transient: true })),
      { retryAttempts: () => 2 },
    )
    dispatcher.enqueue([batchOf(0, ['a'])])
    dispatcher.seal()
    await finish(dispatcher, clock)
    expect(outcomes.flatMap((outcome) => outcome.quarantined)).toMatchObject([{ code: 'BUSY', attempts: 3 }])
  })

  test('higher priority first; no more at once than the concurrency', async () => {
    const order: string[] = []
    const { promise: hold, resolve: letGo } = Promise.withResolvers<void>()
    const { dispatcher } = setUp(
      () =>
        new ScriptedExecutor(
          () => deliver,
          3,
          ([file]) => {
            order.push(file!.path)
            return hold
          },
        ),
      { concurrency: 1 },
    )
    dispatcher.enqueue([batchOf(0, ['first'], 0)])
    dispatcher.enqueue([batchOf(1, ['low'], 0), batchOf(2, ['critical'], 3), batchOf(3, ['high'], 2)])
    await settled()
    expect(order).toEqual(['first'])
    letGo()
    dispatcher.seal()
    await dispatcher.finished
    expect(order).toEqual(['first', 'critical', 'high', 'low'])
  })

  test('a waiting LOW batch is not overtaken by CRITICAL ones for ever', async () => {
    const order: string[] = []
    const { clock, dispatcher } = setUp(
      () =>
        new ScriptedExecutor(
          () => deliver,
          3,
          ([file]) => void order.push(file!.path),
        ),
      { concurrency: 1 },
    )
    dispatcher.enqueue([batchOf(0, ['opening'], 3)])
    dispatcher.enqueue([batchOf(1, ['low'], 0)])
    clock.advance(30_001)
    dispatcher.enqueue([batchOf(2, ['fresh'], 3)])
    dispatcher.seal()
    await finish(dispatcher, clock)
    expect(order).toEqual(['opening', 'low', 'fresh'])
  })

  test('recall gives back what no worker has had, and nothing else', async () => {
    const { promise: hold, resolve: letGo } = Promise.withResolvers<void>()
    const { dispatcher, outcomes } = setUp(
      () =>
        new ScriptedExecutor(
          () => deliver,
          3,
          () => hold,
        ),
      { concurrency: 1 },
    )
    dispatcher.enqueue([batchOf(0, ['a', 'b']), batchOf(1, ['c']), batchOf(2, ['d'])])
    await settled()
    expect(dispatcher.recall().map(({ path }) => path)).toEqual(['c', 'd'])
    letGo()
    dispatcher.seal()
    await dispatcher.finished
    expect(delivered(outcomes)).toEqual(['a', 'b'])
  })

  test('withdraw gives back whole batches, those that would be begun last, and leaves the others in their order', async () => {
    const { promise: hold, resolve: letGo } = Promise.withResolvers<void>()
    const { dispatcher, outcomes } = setUp(
      () =>
        new ScriptedExecutor(
          () => deliver,
          3,
          () => hold,
        ),
      { concurrency: 1 },
    )
    dispatcher.enqueue([0, 1, 2, 3, 4].map((batchId) => batchOf(batchId, [`${batchId}`])))
    await settled()
    expect(dispatcher.withdraw(2).map(({ batchId }) => batchId)).toEqual([3, 4])
    expect(dispatcher.withdraw(0)).toEqual([])
    letGo()
    dispatcher.seal()
    await dispatcher.finished
    expect(delivered(outcomes)).toEqual(['0', '1', '2'])
    expect(dispatcher.withdraw(9)).toEqual([])
  })

  test('drain finishes and commits what is in hand, and starts nothing more', async () => {
    const { promise: hold, resolve: letGo } = Promise.withResolvers<void>()
    const { dispatcher, outcomes } = setUp(
      () =>
        new ScriptedExecutor(
          () => deliver,
          3,
          () => hold,
        ),
      { concurrency: 1 },
    )
    dispatcher.enqueue([batchOf(0, ['a']), batchOf(1, ['b'])])
    await settled()
    dispatcher.drain()
    letGo()
    await dispatcher.finished
    expect(delivered(outcomes)).toEqual(['a'])
    await dispatcher.close()
  })

  test('a long batch is committed in parts of the checkpoint interval', async () => {
    const paths = Array.from({ length: 10 }, (_, index) => `f${index}`)
    const { dispatcher, outcomes } = setUp(() => new ScriptedExecutor(() => deliver, 2), { checkpointInterval: 4 })
    dispatcher.enqueue([batchOf(0, paths)])
    dispatcher.seal()
    await dispatcher.finished
    expect(outcomes.map((outcome) => outcome.delivered.length)).toEqual([4, 1, 4, 1])
    expect(outcomes.map(({ complete }) => complete)).toEqual([false, false, false, true])
  })

  test('a ledger that cannot write ends the job with its error', async () => {
    const full = new MillraceError('LEDGER_WRITE_FAILED', 'The disk is full')
    const { dispatcher } = setUp(() => new ScriptedExecutor(() => deliver), { commit: () => Promise.reject(full) })
    dispatcher.enqueue([batchOf(0, ['a']), batchOf(1, ['b']), batchOf(2, ['c'])])
    dispatcher.seal()
    await expect(dispatcher.finished).rejects.toBe(full)
    await dispatcher.close()
  })

  test('a worker that cannot start is tried three times, a processor that does not load once', async () => {
    for (const [code, tries] of [
      ['WORKER_START_FAILED', 3],
      ['PROCESSOR_LOAD_FAILED', 1],
    ] as const) {
      let starts = 0
      const executor = new ScriptedExecutor(() => deliver)
      executor.run = () => {
        starts++
        return Promise.reject(new MillraceError(code, 'no'))
      }
      const { dispatcher } = setUp(() => executor, { concurrency: 1 })
      dispatcher.enqueue([batchOf(0, ['a'])])
      await expect(dispatcher.finished).rejects.toMatchObject({ code })
      expect(starts).toBe(tries)
      await dispatcher.close()
    }
  })

  test('fewer workers are kept when fewer are wanted, more are started when more are', async () => {
    const executors: ScriptedExecutor[] = []
    const create = () => {
      executors.push(new ScriptedExecutor(() => deliver))
      return executors.at(-1)!
    }
    const { dispatcher, events } = setUp(create, { concurrency: 1 })
    dispatcher.workers.warm(3)
    expect(dispatcher.workers.size).toBe(3)
    dispatcher.resize(1)
    expect(dispatcher.workers.size).toBe(1)
    expect(executors.filter(({ closed }) => closed)).toHaveLength(2)
    dispatcher.resize(2)
    dispatcher.enqueue([batchOf(0, ['a']), batchOf(1, ['b'])])
    dispatcher.seal()
    await dispatcher.finished
    expect(dispatcher.workers.size).toBe(2)
    const numbers = events.flatMap((event) => (event.type === 'worker-started' ? [event.worker] : []))
    expect(numbers).toEqual([1, 2, 3, 2])
    await dispatcher.close()
    expect(executors.every(({ closed }) => closed)).toBe(true)
  })

  test('workers wait while too much is uncommitted', async () => {
    const { promise: hold, resolve: letGo } = Promise.withResolvers<void>()
    let started = 0
    const record = 'x'.repeat(40 * 1024 * 1024)
    const executor = () => {
      const scripted = new ScriptedExecutor(() => deliver)
      scripted.run = async ({ assignmentId }, onReport) => {
        started++
        onReport({
          assignmentId,
          delivered: [{ index: 0, hash: 'h', record, ms: 1, bytes: 1, stamp: null }],
          confirmed: [],
          failed: [],
          next: 1,
          highlights: [],
        })
        return { done: true }
      }
      return scripted
    }
    const { dispatcher } = setUp(executor, { concurrency: 1, commit: () => hold })
    dispatcher.enqueue(Array.from({ length: 6 }, (_, index) => batchOf(index, [`f${index}`, `g${index}`])))
    dispatcher.seal()
    await settled()
    expect(started).toBe(2)
    letGo()
    await dispatcher.finished
    expect(started).toBe(12)
  })

  test('an outcome brings stamps, confirmed files, and highlights with the files they are about', async () => {
    const { dispatcher, outcomes } = setUp(
      () => new ScriptedExecutor(({ path }) => (path === 'kept' ? { act: 'confirm' } : deliver)),
    )
    dispatcher.enqueue([batchOf(0, ['a', 'kept', 'b', 'c'])])
    dispatcher.seal()
    await dispatcher.finished
    expect(outcomes.flatMap(({ delivered }) => delivered.map(({ stamp }) => stamp))).toEqual([
      '0:0:0',
      '0:0:0',
      '0:0:0',
    ])
    expect(outcomes.flatMap(({ confirmed }) => confirmed)).toMatchObject([{ file: { path: 'kept' }, stamp: '0:0:0' }])
    const highlights = outcomes.flatMap(({ highlights }) => highlights)
    expect(highlights.map(({ file, label }) => [file.path, label])).toEqual(['a', 'b', 'c'].map((path) => [path, path]))
    expect(highlights[0]).not.toHaveProperty('index')
  })

  test('a file that outgrows the memory of whatever worker has it is quarantined as FILE_MEMORY', async () => {
    const { dispatcher, outcomes, events } = setUp(
      () => new ScriptedExecutor(({ path }) => (path === 'b' ? { act: 'die', reason: 'memory' } : deliver)),
    )
    dispatcher.enqueue([batchOf(0, ['a', 'b', 'c'])])
    dispatcher.seal()
    await dispatcher.finished
    expect(outcomes.flatMap((outcome) => outcome.quarantined)).toMatchObject([{ code: 'FILE_MEMORY', attempts: 2 }])
    expect(events.filter(({ type }) => type === 'file-retried')).toHaveLength(2)
    expect(delivered(outcomes).sort()).toEqual(['a', 'c'])
    expect(dispatcher.workers.replaced).toBe(3)
  })

  test('each worker tells what it has done; busy time of those that are gone is not lost', async () => {
    const { clock, dispatcher } = setUp(
      (clock) =>
        new ScriptedExecutor(
          () => deliver,
          3,
          () => new Promise((resolve) => clock.after(100, resolve)),
        ),
      { concurrency: 1 },
    )
    dispatcher.enqueue([batchOf(0, ['a'])])
    await settled()
    expect(dispatcher.workers.perWorker()).toMatchObject([{ worker: 1, busy: true, files: 0, utilisation: 0 }])
    clock.advance(100)
    await settled()
    clock.advance(300)
    expect(dispatcher.workers.perWorker()).toMatchObject([{ worker: 1, busy: false, files: 1, utilisation: 0.25 }])
    await dispatcher.close()
    expect(dispatcher.workers.perWorker()).toEqual([])
    expect(dispatcher.workers.busyMs).toBe(100)
  })

  test('a worker above a lowered limit is ended after its batch, an idle one at once', async () => {
    const executors: ScriptedExecutor[] = []
    const { clock, dispatcher } = setUp(
      (clock) => {
        const pace = () => new Promise<void>((resolve) => clock.after(100, resolve))
        executors.push(new ScriptedExecutor(() => deliver, 3, pace))
        return executors.at(-1)!
      },
      { concurrency: 3 },
    )
    dispatcher.workers.warm(3)
    dispatcher.enqueue([batchOf(0, ['a']), batchOf(1, ['b'])])
    await settled()
    dispatcher.resize(1)
    expect(executors.filter(({ closed }) => closed)).toHaveLength(1)
    clock.advance(100)
    await settled()
    expect(dispatcher.workers.size).toBe(1)
    expect(executors.filter(({ closed }) => closed)).toHaveLength(2)
  })

  test('a checkpoint makes durable what was reported by then, and tells of a job that failed', async () => {
    const { clock, dispatcher, outcomes } = setUp((clock) => {
      let files = 0
      const slow = () => (files++ === 2 ? new Promise<void>((resolve) => clock.after(100, resolve)) : Promise.resolve())
      return new ScriptedExecutor(() => deliver, 1, undefined, slow)
    })
    dispatcher.enqueue([batchOf(0, ['a', 'b', 'c', 'd', 'e', 'f'])])
    await settled()
    expect(outcomes).toEqual([])
    await dispatcher.checkpoint()
    expect(delivered(outcomes)).toEqual(['a', 'b'])
    dispatcher.fail(new Error('enough'))
    await expect(dispatcher.checkpoint()).rejects.toThrow('enough')
    clock.advance(100)
    await dispatcher.close()
  })
})
