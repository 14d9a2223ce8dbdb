import { VirtualClock } from '@millrace/kernel'
import { fails, holds } from '@millrace/kernel/test/property'
import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { CutoutBatchProcessor } from '../src/index.ts'
import { FakePool, turn } from './fake-pool.ts'
import {
  forgetsTheLate,
  holdsNothing,
  joinsTheDead,
  leavesTogether,
  neverRests,
  sleepsOnStreams,
} from './mutants/processors.ts'
import { codeOf, dearPolygon, idOf, polygon } from './open-processor.ts'
import { Session, userActs } from './session/session.ts'

const runs = process.env.MILLRACE_SLOW === undefined ? 300 : 8000

const polygonOf = (id: number, isDear: boolean) => (isDear ? dearPolygon(id) : polygon(id))

const options = fc.record({
  width: fc.integer({ min: 1, max: 3 }),
  maxQueued: fc.constantFrom(3, 8, 100),
  whenFull: fc.constantFrom('reject' as const, 'drop-oldest' as const, 'drop-lowest' as const),
  cacheBytes: fc.constantFrom(0, 3000, 2 ** 20),
  maxHoldFrames: fc.integer({ min: 0, max: 3 }),
  ageMs: fc.constantFrom(10, 1000),
})

/** What workers, and time, do meanwhile. */
const events = ['answer', 'answer', 'answer', 'fault', 'progress', 'turn', 'turn', 'turn', 'time'] as const

const step = fc.record({
  kind: fc.constantFrom(...userActs, ...events),
  n: fc.nat(30),
  m: fc.nat(30),
  isOdd: fc.boolean(),
})

const isEvent = (kind: string): kind is (typeof events)[number] => events.some((event) => event === kind)

/**
 * Whatever is done in whatever order, by whom it may be: each job that was accepted ends once, with its own result or an error it deserves, in a frame; all
 * promises settle; streams lose nothing; the books balance at every moment; frames run while something is due, and not after; and at the end nothing is left
 * anywhere.
 */
function endsEachJobOnce(Processor: typeof CutoutBatchProcessor) {
  return fc.asyncProperty(options, fc.array(step, { maxLength: 60, size: 'max' }), async (chosen, steps) => {
    const { width, ...rest } = chosen
    const pool = new FakePool(width)
    const clock = new VirtualClock()
    const session = new Session(Processor, { ...rest, pool, clock, clockTickMs: 0 }, { polygonOf, idOf })
    for (const { kind, n, m, isOdd } of steps) {
      if (!isEvent(kind)) session.act({ kind, n, m, isOdd })
      else if (kind === 'answer') pool.finish(n % 4, m)
      else if (kind === 'fault') pool.fail(n % 4, Object.assign(new Error('bad'), { code: 'BAD' }))
      else if (kind === 'progress') pool.progress(n % 4, m / 31)
      else if (kind === 'time') clock.advance(n * m)
      else await turn()
      session.checkBooks()
    }
    const step = () => {
      pool.finishAll()
      clock.advance(1)
    }
    expect(await session.end(step, (rounds) => rounds < 300)).toEqual([])
    expect([pool.held, clock.pending]).toEqual([[], 0])
  })
}

/** Jobs of one priority are told of in the order in which they came, unless one was late by more than two frames. */
function keepsOrder(Processor: typeof CutoutBatchProcessor) {
  const finishes = fc.array(fc.array(fc.nat(7), { maxLength: 4 }), { maxLength: 30 })
  return fc.asyncProperty(fc.integer({ min: 1, max: 12 }), finishes, async (count, script) => {
    const pool = new FakePool(8)
    const processor = new Processor({ pool, clock: new VirtualClock(), clockTickMs: 0, frames: 'manual' })
    const told: { id: number; frame: number }[] = []
    const readyIn = new Map<number, number>()
    let frame = 0
    processor.jobCompleted.subscribe(({ result }) => told.push({ id: idOf(result), frame }))
    for (let id = 0; id < count; id++) processor.submitFracture(polygon(id))
    await turn()
    for (let each = 0; told.length < count; each++) {
      for (const which of script[each] ?? [0]) {
        const id = pool.held[which]
        if (id === undefined) continue
        readyIn.set(id, frame + 1)
        pool.finish(which)
      }
      await turn()
      frame++
      processor.process({ deltaMs: 16 })
    }
    for (const [place, one] of told.entries()) {
      for (const later of told.slice(place + 1)) {
        if (later.id > one.id) continue
        // Somebody had waited for it so long that it was passed, it and all others that were late then.
        const isLate = told.some(({ id, frame: at }) => id > later.id && at <= one.frame && at - readyIn.get(id)! >= 2)
        expect(isLate, `${one.id} passed ${later.id}`).toBe(true)
      }
    }
    for (const { id, frame: at } of told) expect(at - readyIn.get(id)!).toBeLessThanOrEqual(2)
  })
}

describe('CutoutBatchProcessor', () => {
  // What a listener throws is an uncaught error.
  const listeners = process.listeners('uncaughtException')
  const uncaught: string[] = []
  beforeAll(() => {
    process.removeAllListeners('uncaughtException').on('uncaughtException', (error) => uncaught.push(codeOf(error)))
  })
  afterAll(() => {
    process.removeAllListeners('uncaughtException')
    for (const each of listeners) process.on('uncaughtException', each)
    expect(new Set(uncaught)).toEqual(new Set(['LISTENER_FAILED']))
  })

  it('ends each job once, within frames, and its books balance at every moment', { timeout: 300_000 }, () =>
    holds(endsEachJobOnce(CutoutBatchProcessor), runs),
  )
  it('is caught when one that leaves takes others along', async () =>
    fails(endsEachJobOnce(await leavesTogether()), 150))
  it('is caught when what was stopped is joined', async () => fails(endsEachJobOnce(await joinsTheDead()), 150))
  it('is caught when what comes late is forgotten', async () => fails(endsEachJobOnce(await forgetsTheLate()), 150))

  it('is caught when streams that wait have no frames', async () =>
    fails(endsEachJobOnce(await sleepsOnStreams()), 150))
  it('is caught when frames never end', async () => fails(endsEachJobOnce(await neverRests()), 150))

  it('keeps the order of one priority, and nobody waits for more than two frames', () =>
    holds(keepsOrder(CutoutBatchProcessor), 200))
  it('is caught when it holds nothing back', async () => fails(keepsOrder(await holdsNothing()), 200))
})
