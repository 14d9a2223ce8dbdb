import { fails, holds, randomFrom } from '@millrace/kernel/test/property'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { createBatchScheduler } from '../../src/create-batch-scheduler.ts'
import type { BatchingOptions } from '../../src/scheduler-options.ts'
import {
  believesInNothing,
  breaksChains,
  endsTwice,
  knowsNoBounds,
  searchesBackwards,
  settlesEarly,
  skipsChains,
  writesAgain,
} from '../mutants/schedulers.ts'
import { type CreateScheduler, Rig } from './rig.ts'
import type { Ending, Script } from './scripted-sink.ts'
import { settled } from './step-clock.ts'

const lives = process.env.MILLRACE_SLOW === undefined ? 60 : 2000

const ENDINGS: readonly Ending[] = ['transient', 'unknown', 'lose', 'permanent', 'hang', 'late', 'heed']

/** Most writes commit, the others end badly in every way there is, after up to 60 ms. */
function troubled(seed: number, odds: number): Script {
  const random = randomFrom(seed)
  return () => {
    const afterMs = Math.floor(random() * 60)
    const ending = random() < odds ? ENDINGS[Math.floor(random() * ENDINGS.length)]! : 'commit'
    return { afterMs, ending }
  }
}

const submission = fc.record({
  kind: fc.constant('submit' as const),
  type: fc.constantFrom('plain', 'plain', 'mergeable', 'mergeable', 'slow'),
  key: fc.constantFrom(undefined, 'a', 'a', 'b', 'c', 'd'),
  tenant: fc.constantFrom(undefined, 'x', 'y'),
  isKeyed: fc.integer({ min: 0, max: 2 }).map((drawn) => drawn === 0),
  isPoison: fc.integer({ min: 0, max: 14 }).map((drawn) => drawn === 0),
  isRefused: fc.integer({ min: 0, max: 11 }).map((drawn) => drawn === 0),
  canAbort: fc.boolean(),
})
const step = fc.oneof(
  { weight: 12, arbitrary: submission },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant('abort' as const), which: fc.nat(50) }) },
  { weight: 4, arbitrary: fc.record({ kind: fc.constant('advance' as const), ms: fc.constantFrom(0, 1, 5, 20, 100) }) },
  {
    weight: 1,
    arbitrary: fc.record({
      kind: fc.constant('configure' as const),
      batching: fc.record({
        timeWindowMs: fc.constantFrom(0, 10, 50),
        maxBatchSize: fc.integer({ min: 1, max: 20 }),
        adaptiveBatching: fc.boolean(),
        maxConcurrentBatches: fc.integer({ min: 1, max: 4 }),
      }),
    }),
  },
  { weight: 1, arbitrary: fc.constant({ kind: 'turn' as const }) },
)
const life = fc.record({
  seed: fc.integer(),
  odds: fc.constantFrom(0, 0.1, 0.4),
  steps: fc.array(step, { minLength: 5, maxLength: 80, size: 'max' }),
  options: fc.record({
    adaptiveBatching: fc.boolean(),
    maxBatchSize: fc.integer({ min: 1, max: 12 }),
    maxConcurrentBatches: fc.integer({ min: 1, max: 4 }),
    maxItems: fc.integer({ min: 1, max: 30 }),
    maxBytes: fc.constantFrom(150, 100_000),
    maxBatchBytes: fc.constantFrom(100, 100_000),
    whenFull: fc.constantFrom('reject' as const, 'wait' as const, 'drop-oldest' as const),
    whenOpen: fc.constantFrom('fail' as const, 'hold' as const, 'degrade' as const),
    maxWaitMs: fc.constantFrom(30, 1000, Number.POSITIVE_INFINITY),
    writeTimeoutMs: fc.constant(100),
    retry: fc.record({ attempts: fc.integer({ min: 1, max: 3 }), baseMs: fc.constant(10), capMs: fc.constant(40) }),
    circuitBreaker: fc.record({ failureThreshold: fc.constantFrom(2, 5), recoveryTimeout: fc.constant(200) }),
  }),
  startAfter: fc.nat(10),
  stopWithinMs: fc.constantFrom(0, 30, 60_000),
})

/** Ends that say it has no effect. */
const WITHOUT_EFFECT: ReadonlySet<string> = new Set([
  'QUEUE_FULL',
  'INTENT_DROPPED',
  'INTENT_EXPIRED',
  'INTENT_REJECTED',
  'INTENT_TOO_LARGE',
  'CONDITION_FAILED',
  'WRITE_FAILED',
  'CIRCUIT_OPEN',
  'SCHEDULER_STOPPED',
  'withdrawn',
])

/** A scheduler's life, with all that can go wrong: what it promises is checked at every step. */
const keepsPromises = (create: CreateScheduler) =>
  fc.asyncProperty(life, async ({ seed, odds, steps, options, startAfter, stopWithinMs }) => {
    const script = troubled(seed, odds)
    const rig = new Rig({ create, ...options, script: (write) => checkBounds() ?? script(write) })
    const { scheduler, sink, clock } = rig
    const aborts: AbortController[] = []
    const keyOf = new Map<number, string>()
    const idempotencyOf = new Map<number, string>()
    let submitted = 0

    const checkBounds = () => {
      const { items, bytes } = scheduler.metrics.held
      if (items > options.maxItems || bytes > options.maxBytes)
        sink.breaches.push(`${items} of ${bytes} bytes are held`)
      return undefined
    }
    const check = () => {
      checkBounds()
      const { books } = scheduler.metrics
      const { committed, duplicates, failed, refused, waiting, writing } = books
      expect(books.submitted).toBe(submitted)
      expect(committed + duplicates + failed + refused + waiting + writing, 'the books do not balance').toBe(submitted)
      expect(waiting + writing, 'what is held is not what has not ended').toBe(submitted - rig.ended.size)
      expect(sink.breaches).toEqual([])
    }

    for (const [at, each] of steps.entries()) {
      if (at === startAfter) await scheduler.start()
      if (each.kind === 'submit') {
        const { type, key, tenant, isKeyed, isPoison, isRefused, canAbort } = each
        const abort = new AbortController()
        if (canAbort) aborts.push(abort)
        const idempotencyKey = isKeyed ? `once-${submitted % 17}` : undefined
        const id = rig.submit(
          { type, key, tenant, idempotencyKey, isPoison, isRefused },
          canAbort ? abort.signal : undefined,
        )
        submitted++
        // Of what a schema takes its time for, the order is that in which it accepts.
        if (key !== undefined && type !== 'slow') keyOf.set(id, key)
        if (idempotencyKey !== undefined) idempotencyOf.set(id, idempotencyKey)
      } else if (each.kind === 'abort') aborts[each.which % Math.max(1, aborts.length)]?.abort('withdrawn')
      else if (each.kind === 'configure') scheduler.configure(each.batching satisfies BatchingOptions)
      else if (each.kind === 'advance') await clock.advance(each.ms)
      else await settled()
      if (each.kind !== 'submit') {
        await settled()
        check()
      }
    }
    const report = await clock.until(scheduler.stop({ withinMs: stopWithinMs }), stopWithinMs + 2000)
    await settled()
    check()
    await clock.advance(10_000)

    expect(rig.ended.size, 'intents have not ended').toBe(submitted)
    expect(scheduler.metrics.held).toMatchObject({ items: 0, bytes: 0 })
    const times = new Map<number, number>()
    for (const id of sink.ids) times.set(id, (times.get(id) ?? 0) + 1)
    for (const id of rig.ended.keys()) {
      const how = rig.how(id)!
      const applied = times.get(id) ?? 0
      if (how === 'committed') expect(applied, `${id} is committed`).toBe(1)
      else if (how === 'OUTCOME_UNKNOWN') expect(applied, `${id} is unknown`).toBeLessThanOrEqual(1)
      else if (how === 'duplicate') {
        // Its key is there, by its own doing or another's.
        expect(applied).toBeLessThanOrEqual(1)
        const name = idempotencyOf.get(id)
        expect([...idempotencyOf].filter(([, other]) => other === name).some(([other]) => times.has(other))).toBe(true)
      } else {
        expect(WITHOUT_EFFECT, how).toContain(how)
        expect(applied, `${id} is ${how}`).toBe(0)
      }
    }
    for (const key of new Set(keyOf.values())) {
      const order = sink.ids.filter((id) => keyOf.get(id) === key && rig.how(id) !== 'OUTCOME_UNKNOWN')
      expect(order, `the order of ${key}`).toEqual(order.toSorted((a, b) => a - b))
    }
    for (const name of new Set(idempotencyOf.values())) {
      const under = sink.ids.filter((id) => idempotencyOf.get(id) === name)
      expect(under.length, `${name} is applied ${under.length} times`).toBeLessThanOrEqual(1)
    }
    expect(report.unwritten.length).toBeLessThanOrEqual(submitted)
    expect(clock.pending, 'timers are left').toBe(0)
  })

describe('createBatchScheduler', () => {
  it('keeps its promises whatever happens', { timeout: 300_000 }, () =>
    holds(keepsPromises(createBatchScheduler), lives),
  )

  it.each([
    ['settles before the commit', settlesEarly],
    ['writes again what may be written', writesAgain],
    ['says of what is unknown that it is not written', believesInNothing],
    ['ends intents twice', endsTwice],
    ['skips chains', skipsChains],
    ['breaks chains', breaksChains],
    ['searches backwards', searchesBackwards],
    ['knows no bounds', knowsNoBounds],
  ])('is caught where it %s', async (_, mutant) => fails(keepsPromises(await mutant()), 300))
})
