import { VirtualClock } from '@millrace/kernel'
import { fails, holds } from '@millrace/kernel/test/property'
import fc from 'fast-check'
import { expect, it } from 'vitest'
import type { PoolStream } from '../src/deliver/pool-stream.ts'
import { Pool } from '../src/pool.ts'
import type { WhenFull } from '../src/pool-options.ts'
import { checkPoolOptions } from '../src/pool-options.ts'
import type { TransportEvents } from '../src/transport/transport.ts'
import { type FakeOptions, FakeTransport } from './fake-transport.ts'
import { ForgetfulTransport } from './mutants/forgetful-transport.ts'
import { HastyTransport } from './mutants/hasty-transport.ts'

const WORKERS = 3
const PRIORITIES = 3
/** Longer than all that a script lasts: nothing rises. */
const AGE_MS = 1e9

const tasks = { once: (input: number | 'bad') => input, often: (input: number | 'bad') => input }

const worker = fc.integer({ min: 0, max: WORKERS - 1 })
const step = fc.oneof(
  {
    weight: 6,
    arbitrary: fc.record({
      kind: fc.constant('run' as const),
      name: fc.constantFrom('once' as const, 'often' as const, 'unknown' as const),
      bad: fc.integer({ min: 0, max: 9 }).map((number) => number === 0),
      priority: fc.integer({ min: 0, max: PRIORITIES - 1 }),
      deadlineMs: fc.option(fc.integer({ min: 1, max: 30 }), { nil: undefined }),
    }),
  },
  { weight: 4, arbitrary: fc.record({ kind: fc.constant('claim' as const), worker }) },
  { weight: 4, arbitrary: fc.record({ kind: fc.constant('start' as const), worker }) },
  { weight: 4, arbitrary: fc.record({ kind: fc.constant('answer' as const), worker, fault: fc.boolean() }) },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant('die' as const), worker }) },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant('cut' as const), worker }) },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant('push' as const), count: fc.integer({ min: 1, max: 6 }) }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('repeat' as const), which: fc.nat() }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('abort' as const), which: fc.nat() }) },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant('advance' as const), ms: fc.integer({ min: 0, max: 40 }) }) },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant('turn' as const) }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('serve' as const) }) },
)
const script = fc.record({
  steps: fc.array(step, { maxLength: 80, size: 'max' }),
  places: fc.integer({ min: 1, max: 6 }),
  perParcel: fc.integer({ min: 1, max: 5 }),
  maxQueued: fc.integer({ min: 1, max: 8 }),
  whenFull: fc.constantFrom<WhenFull>('reject', 'wait', 'drop-oldest', 'drop-lowest'),
  closeEarly: fc.boolean(),
  isEager: fc.boolean(),
  servesEarly: fc.boolean(),
})

interface Call {
  readonly id: number
  readonly priority: number
  readonly abort: AbortController
  settled: number
  outcome: unknown
}

/** Numbers pushed to a stream: each comes back, or its number is told. */
class Pushed {
  readonly stream: PoolStream<number | 'bad', number | 'bad'>
  readonly #settled: number[] = []
  #isOver = false
  count = 0

  constructor(stream: PoolStream<number | 'bad', number | 'bad'>) {
    this.stream = stream
    void this.#read()
  }

  /** Every seventh cannot be handed over. */
  push(count: number): void {
    for (let left = count; left > 0 && this.stream.push(this.count % 7 === 6 ? 'bad' : this.count); left--) this.count++
  }

  note(index: number): void {
    this.#settled.push(index)
  }

  areAllSettledOnce(): void {
    expect(this.#isOver, 'the stream has not ended').toBe(true)
    expect(this.#settled.sort((one, other) => one - other)).toEqual(Array.from({ length: this.count }, (_, at) => at))
  }

  async #read(): Promise<void> {
    for await (const chunk of this.stream.results) for (const output of chunk) this.note(Number(output))
    this.#isOver = true
  }
}

type FakeMaker = new (options: FakeOptions, events: TransportEvents) => FakeTransport

/**
 * Whatever happens in whatever order: every call is settled once, with its own result or with an error it deserves;
 * and at the end nothing is left anywhere.
 */
function losesNothing(Fake: FakeMaker): fc.IRawProperty<unknown> {
  return fc.asyncProperty(script, async ({ steps, places, perParcel, maxQueued, whenFull, ...rest }) => {
    const { closeEarly, isEager, servesEarly } = rest
    const clock = new VirtualClock()
    const fakes: FakeTransport[] = []
    const options = { worker: () => ({ postMessage: () => {}, terminate: () => {} }), threads: WORKERS, clock }
    const pool = new Pool<typeof tasks>(
      checkPoolOptions({ ...options, priorities: PRIORITIES, maxQueued, whenFull, ageMs: AGE_MS }),
      (_, events) => {
        fakes.push(new Fake({ places, perParcel }, events))
        return fakes[0]!
      },
    )
    const fake = fakes[0]!
    fake.isEager = isEager
    const calls: Call[] = []
    const pushed = new Pushed(pool.stream('often', { maxItems: 20, onError: (_, index) => pushed.note(index) }))
    let isServing = servesEarly
    if (servesEarly) fake.serve()

    for (const each of steps) {
      if (each.kind === 'run') {
        const call: Call = {
          id: calls.length,
          priority: each.priority,
          abort: new AbortController(),
          settled: 0,
          outcome: undefined,
        }
        calls.push(call)
        const { signal } = call.abort
        const { deadlineMs, priority } = each
        const name = each.name as 'once'
        pool
          .run(
            name,
            each.bad ? 'bad' : call.id,
            deadlineMs === undefined ? { signal, priority } : { signal, priority, deadlineMs },
          )
          .then(
            (output) => settle(call, output),
            (error: unknown) => settle(call, error),
          )
      } else if (each.kind === 'claim') fake.claim(each.worker)
      else if (each.kind === 'start') fake.start(each.worker)
      else if (each.kind === 'answer') fake.answer(each.worker, each.fault)
      else if (each.kind === 'die') fake.die(each.worker)
      else if (each.kind === 'cut') fake.cut(each.worker)
      else if (each.kind === 'push') pushed.push(each.count)
      else if (each.kind === 'repeat') fake.repeat(each.which)
      else if (each.kind === 'abort') calls[each.which % Math.max(1, calls.length)]?.abort.abort('aborted')
      else if (each.kind === 'advance') clock.advance(each.ms)
      else if (each.kind === 'turn') await turn()
      else if (!isServing) {
        isServing = true
        fake.serve()
      }
    }

    if (!isServing) fake.serve()
    const closed = closeEarly ? pool.close() : undefined
    pushed.stream.close()
    for (let round = 0; round < 2 * calls.length + pushed.count + 2; round++) {
      fake.finish()
      await turn()
    }
    for (const { id, settled, outcome } of calls) {
      expect(settled, `call ${id} was settled ${settled} times`).toBe(1)
      if (typeof outcome === 'number') expect(outcome).toBe(id)
      else expect(outcome).not.toBe('late')
    }
    pushed.areAllSettledOnce()
    await pool.drain()
    await (closed ?? pool.close())
    expect(fake.held).toBe(0)
    expect(fake.isAwake).toBe(false)
    const { queued, waiting, running, settled, failed, cancelled, dropped } = pool.stats
    expect([queued, waiting, running]).toEqual([0, 0, 0])
    expect(settled + failed + cancelled + dropped).toBe(calls.length + pushed.count)
    // What nobody waits for any more may still be on its way past a deadline.
    clock.advance(1000)
    expect(clock.pending).toBe(0)
  })
}

/** Calls of one priority begin in their order, as long as nothing takes them out of it. */
function keepsOrder(Fake: FakeMaker): fc.IRawProperty<unknown> {
  const calls = fc.array(fc.integer({ min: 0, max: PRIORITIES - 1 }), { minLength: 1, maxLength: 40, size: 'max' })
  const sizes = fc.record({ places: fc.integer({ min: 1, max: 6 }), perParcel: fc.integer({ min: 1, max: 4 }) })
  return fc.asyncProperty(calls, sizes, async (priorities, size) => {
    const fakes: FakeTransport[] = []
    const options = {
      worker: () => ({ postMessage: () => {}, terminate: () => {} }),
      threads: 1,
      clock: new VirtualClock(),
    }
    const pool = new Pool<typeof tasks>(
      checkPoolOptions({ ...options, priorities: PRIORITIES, ageMs: AGE_MS }),
      (_, events) => {
        fakes.push(new Fake(size, events))
        return fakes[0]!
      },
    )
    const fake = fakes[0]!
    const results = priorities.map((priority, id) => pool.run('once', id, { priority }))
    fake.serve()
    for (let round = 0; round < priorities.length; round++) {
      fake.finish()
      await turn()
    }
    expect(await Promise.all(results)).toEqual(priorities.map((_, id) => id))
    const inOrder = priorities
      .map((priority, id) => ({ priority, id }))
      .sort((one, other) => one.priority - other.priority)
    expect(fake.begun).toEqual(inOrder.map(({ id }) => id))
  })
}

it('loses nothing and settles nothing twice', () => holds(losesNothing(FakeTransport), 500))
it('is caught when the orphans of a worker are lost', () => fails(losesNothing(ForgetfulTransport), 500))
it('begins calls of one priority in their order, the urgent first', () => holds(keepsOrder(FakeTransport)))
it('is caught when the window is no queue', () => fails(keepsOrder(HastyTransport)))

function settle(call: Call, outcome: unknown): void {
  call.settled++
  call.outcome = outcome
}

/** All that follows from what was done has happened. */
function turn(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve))
}
