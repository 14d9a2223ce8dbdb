import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { Dispatcher, type DispatcherOptions } from '../../src/dispatch/dispatcher.ts'
import type { EngineEvent, PauseCause } from '../../src/engine/events.ts'
import type { AssignedFile } from '../../src/worker/executor.ts'
import { ScriptedExecutor } from './scripted-executor.ts'
import { batchOf, finish, pathsOf, settled, setUp } from './set-up.ts'

/** A worker whose batches take 100 ms. */
const steady = (clock: { after(ms: number, callback: () => void): unknown }) =>
  new ScriptedExecutor(
    () => ({ act: 'deliver' }),
    3,
    () => new Promise((resolve) => clock.after(100, () => resolve())),
  )

/** Tells of pauses and makes none. */
class RestlessDispatcher extends Dispatcher<AssignedFile> {
  readonly #emit: (event: EngineEvent) => void

  constructor(options: DispatcherOptions<AssignedFile>) {
    super(options)
    this.#emit = options.emit
  }

  override pause(by: PauseCause, reason: string) {
    this.#emit({ type: 'paused', by, reason })
  }

  override continue(by: PauseCause) {
    this.#emit({ type: 'continued', by, pausedMs: 0 })
  }
}

type Step = 'pause user' | 'pause resource' | 'continue user' | 'continue resource' | 'wait'

/** Pauses and continues at random, and then lets it end: nothing starts while a cause holds, and nothing is lost. */
function quiet(Kind = Dispatcher<AssignedFile>) {
  const step = fc.constantFrom<Step>(
    'pause user',
    'pause resource',
    'continue user',
    'continue resource',
    'wait',
    'wait',
  )
  return fc.asyncProperty(fc.array(step, { maxLength: 30 }), async (steps) => {
    const { clock, dispatcher, events, outcomes } = setUp(steady, {}, Kind)
    const paths = Array.from({ length: 12 }, (_, index) => `f${index}`)
    dispatcher.enqueue(paths.map((path, batchId) => batchOf(batchId, [path])))
    dispatcher.seal()
    for (const one of steps) {
      await settled()
      const [what, by] = one.split(' ') as [string, PauseCause]
      if (what === 'pause') dispatcher.pause(by, `${by} wants it`)
      else if (what === 'continue') dispatcher.continue(by)
      else clock.advance(100)
    }
    dispatcher.continue('user')
    dispatcher.continue('resource')
    expect(dispatcher.paused).toBe(null)
    await finish(dispatcher, clock)
    expect(pathsOf(outcomes, 'delivered').sort()).toEqual(paths.sort())
    const held = new Set<PauseCause>()
    for (const event of events) {
      if (event.type === 'batch-started') expect([...held]).toEqual([])
      if (event.type === 'paused') {
        expect(held.has(event.by)).toBe(false)
        held.add(event.by)
      }
      if (event.type === 'continued') expect(held.delete(event.by)).toBe(true)
    }
  })
}

describe('pause and continue', () => {
  test('nothing starts while a cause holds, each is told once, nothing is lost', async () => {
    await fc.assert(quiet(), { numRuns: 60 })
  })

  test('the property fails for a dispatcher that starts batches while paused', async () => {
    await expect(fc.assert(quiet(RestlessDispatcher), { numRuns: 200 })).rejects.toThrow()
  })

  test('what is in hand is finished and committed, and the pause is told with its length', async () => {
    const { clock, dispatcher, events, outcomes } = setUp(steady, { concurrency: 1 })
    dispatcher.enqueue([batchOf(0, ['a']), batchOf(1, ['b'])])
    await settled()
    dispatcher.pause('user', 'the user paused it')
    expect(dispatcher.paused).toBe('the user paused it')
    clock.advance(1000)
    await settled()
    expect(pathsOf(outcomes, 'delivered')).toEqual(['a'])
    dispatcher.continue('user')
    expect(events.at(-2)).toEqual({ type: 'continued', by: 'user', pausedMs: 1000 })
    dispatcher.seal()
    await finish(dispatcher, clock)
    expect(pathsOf(outcomes, 'delivered')).toEqual(['a', 'b'])
  })

  test('a drain ends a paused job, and so does a failure', async () => {
    for (const end of ['drain', 'fail'] as const) {
      const { clock, dispatcher } = setUp(steady)
      dispatcher.pause('user', 'wait')
      dispatcher.enqueue([batchOf(0, ['a'])])
      dispatcher.seal()
      if (end === 'drain') dispatcher.drain()
      else dispatcher.fail(new Error('gone'))
      await (end === 'drain' ? dispatcher.finished : expect(dispatcher.finished).rejects.toThrow('gone'))
      await dispatcher.close()
      expect(clock.pending).toBe(0)
    }
  })

  test('retries wait for the end of the pause', async () => {
    let tries = 0
    const { clock, dispatcher } = setUp(
      () =>
        new ScriptedExecutor(() =>
          ++tries === 1 ? { act: 'fail', code: 'BUSY', transient: true } : { act: 'deliver' },
        ),
    )
    dispatcher.enqueue([batchOf(0, ['a'])])
    dispatcher.seal()
    await settled()
    dispatcher.pause('user', 'wait')
    clock.advance(60_000)
    await settled()
    expect(tries).toBe(1)
    dispatcher.continue('user')
    await dispatcher.finished
    expect(tries).toBe(2)
  })

  test('a pause for want of a resource ends the idle workers, and after the longest wait the job', async () => {
    const { clock, dispatcher, events } = setUp(steady, { maxPauseMs: () => 5000 })
    dispatcher.workers.warm(2)
    dispatcher.enqueue([batchOf(0, ['a'])])
    await settled()
    dispatcher.pause('resource', 'memory is short')
    dispatcher.pause('resource', 'memory is still short')
    expect(dispatcher.workers.size).toBe(1)
    clock.advance(100)
    await settled()
    expect(dispatcher.workers.size).toBe(0)
    expect(events.filter(({ type }) => type === 'paused')).toHaveLength(1)
    clock.advance(4899)
    await settled()
    clock.advance(1)
    await expect(dispatcher.finished).rejects.toMatchObject({ code: 'RESOURCE_SHORT' })
  })
})
