import { VirtualClock } from '@millrace/kernel'
import { fails, holds } from '@millrace/kernel/test/property'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { CutoutBatchProcessor } from '../src/index.ts'
import { FakePool, turn } from './fake-pool.ts'
import { forgetsTheLate, holdsNothing, joinsTheDead, leavesTogether } from './mutants/processors.ts'
import { codeOf, dearPolygon, idOf, polygon } from './open-processor.ts'

const act = fc.oneof(
  {
    weight: 6,
    arbitrary: fc.record({
      kind: fc.constant('submit' as const),
      // Few, so that many ask for the same.
      id: fc.integer({ min: 0, max: 5 }),
      isDear: fc.boolean(),
      priority: fc.constantFrom(0, 5, 10),
      how: fc.constantFrom('signals', 'promise', 'batch', 'bad batch', 'ahead'),
    }),
  },
  { weight: 4, arbitrary: fc.record({ kind: fc.constant('finish' as const), which: fc.nat(3), ms: fc.nat(20) }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('fail' as const), which: fc.nat(3) }) },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant('cancel' as const), which: fc.nat(30) }) },
  { weight: 4, arbitrary: fc.record({ kind: fc.constant('frame' as const), slowMs: fc.constantFrom(0, 0, 1, 5) }) },
  { weight: 5, arbitrary: fc.record({ kind: fc.constant('turn' as const) }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('advance' as const), ms: fc.nat(500) }) },
  // A listener that does as it likes.
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('meddle' as const), which: fc.nat(30) }) },
)

const options = fc.record({
  width: fc.integer({ min: 1, max: 3 }),
  maxQueued: fc.constantFrom(3, 8, 100),
  whenFull: fc.constantFrom('reject' as const, 'drop-oldest' as const, 'drop-lowest' as const),
  cacheBytes: fc.constantFrom(0, 3000, 2 ** 20),
  maxHoldFrames: fc.integer({ min: 0, max: 3 }),
  ageMs: fc.constantFrom(10, 1000),
})

interface Told {
  readonly how: 'completed' | 'failed' | 'cancelled'
  readonly frame: number
}

/**
 * Whatever happens in whatever order: each job that was accepted ends once, with its own result or an error it deserves, in a frame; the books balance
 * at every moment; and at the end nothing is left anywhere.
 */
function endsEachJobOnce(Processor: typeof CutoutBatchProcessor) {
  const property = fc.asyncProperty(
    options,
    fc.array(act, { maxLength: 60, size: 'max' }),
    fc.boolean(),
    async (chosen, acts, closesEarly) => {
      const { width, ...rest } = chosen
      const pool = new FakePool(width)
      const clock = new VirtualClock()
      const processor = new Processor({ ...rest, pool, clock, clockTickMs: 0, frames: 'manual' })
      /** The polygon of each job of which signals tell. */
      const polygons = new Map<number, number>()
      const told = new Map<number, Told[]>()
      const promises: { id: number; settled: number; outcome: unknown }[] = []
      const batches = new Map<number, number>()
      let inFrame = false
      let frame = 0
      let slowMs = 0
      // What a listener throws is an uncaught error.
      const faults: string[] = []
      const check = (isRight: boolean, fault: string) => {
        if (!isRight) faults.push(fault)
      }
      const note = (jobId: number, how: Told['how']) => {
        check(inFrame, `${jobId} was told outside of frames`)
        told.set(jobId, [...(told.get(jobId) ?? []), { how, frame }])
        clock.advance(slowMs)
      }
      processor.jobCompleted.subscribe(({ jobId, result }) => {
        note(jobId, 'completed')
        check(idOf(result) === (polygons.get(jobId) ?? idOf(result)), `${jobId} has another's result`)
      })
      processor.jobFailed.subscribe(({ jobId, error }) => {
        note(jobId, 'failed')
        check(/^(BAD|JOB_DROPPED|POLYGON_INVALID|GATE_FULL)$/.test(codeOf(error)), `${jobId}: ${error}`)
      })
      processor.jobCancelled.subscribe(({ jobId }) => note(jobId, 'cancelled'))
      processor.batchCompleted.subscribe(({ batchId, results }) => {
        check(results.length === batches.get(batchId) && !results.includes(undefined as never), `batch ${batchId}`)
        check(batches.delete(batchId), `batch ${batchId} twice`)
      })
      const balance = () => {
        const { accepted, completed, failed, cancelled, pending } = processor.stats
        expect(completed + failed + cancelled + pending).toBe(accepted)
      }
      const runFrame = () => {
        inFrame = true
        frame++
        processor.process({ deltaMs: 16 })
        inFrame = false
      }

      for (const each of acts) {
        if (each.kind === 'submit') {
          const made = each.isDear ? dearPolygon(each.id) : polygon(each.id)
          const { priority } = each
          try {
            if (each.how === 'signals') polygons.set(processor.submitFracture(made, {}, { priority }), each.id)
            else if (each.how === 'promise' || each.how === 'ahead') {
              if (each.how === 'ahead' && chosen.cacheBytes === 0) continue
              const promise = { id: each.id, settled: 0, outcome: undefined as unknown }
              promises.push(promise)
              const settle = (outcome: unknown) => {
                promise.settled++
                promise.outcome = outcome
              }
              if (each.how === 'ahead')
                processor.prefracture(made).then(
                  () => settle(each.id),
                  (error) => settle(codeOf(error)),
                )
              else
                processor.fracture(made, {}, { priority }).then(
                  (result) => settle(idOf(result)),
                  (error) => settle(codeOf(error)),
                )
            } else {
              const many = each.how === 'batch' ? [made, polygon(each.id + 1)] : [made, [0, 0]]
              const batchId = processor.submitBatch(many, {}, { priority })
              batches.set(batchId, many.length)
              polygons.set(batchId + 1, each.id)
            }
          } catch (error) {
            expect(codeOf(error)).toBe('GATE_FULL')
          }
        } else if (each.kind === 'finish') pool.finish(each.which, each.ms)
        else if (each.kind === 'fail') pool.fail(each.which, Object.assign(new Error('bad'), { code: 'BAD' }))
        else if (each.kind === 'cancel') processor.cancelJob(each.which)
        else if (each.kind === 'turn') await turn()
        else if (each.kind === 'advance') clock.advance(each.ms)
        else if (each.kind === 'frame') {
          slowMs = each.slowMs
          runFrame()
        } else {
          const meddling = processor.jobCompleted.subscribe(() => {
            meddling.unsubscribe()
            processor.cancelJob(each.which)
            processor.cancelJob(each.which + 1)
            try {
              polygons.set(processor.submitFracture(polygon(0)), 0)
            } catch {}
          })
        }
        balance()
      }

      const closed = closesEarly ? processor.close() : undefined
      for (let rounds = 0; rounds < 300 && (rounds < 3 || processor.stats.pending > 0); rounds++) {
        await turn()
        pool.finishAll()
        await turn()
        runFrame()
        balance()
      }
      await turn()
      expect(processor.stats).toMatchObject({ pending: 0, queued: 0, running: 0, ready: 0 })
      await (closed ?? processor.close())
      for (const [id] of polygons) expect(told.get(id)?.length, `job ${id}`).toBe(1)
      for (const each of told.values()) expect(each).toHaveLength(1)
      for (const { id, settled, outcome } of promises) {
        expect(settled).toBe(1)
        expect([id, 'BAD', 'JOB_DROPPED', 'JOB_CANCELLED', 'GATE_FULL']).toContain(outcome)
      }
      expect(batches.size).toBe(0)
      expect(faults).toEqual([])
      const all = [...told.values()].flat()
      expect(processor.stats.completed + processor.stats.failed + processor.stats.cancelled).toBeGreaterThanOrEqual(
        all.length,
      )
    },
  )
  return property
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
  it('ends each job once, within frames, and its books balance at every moment', () =>
    holds(endsEachJobOnce(CutoutBatchProcessor), 150))
  it('is caught when one that leaves takes others along', async () =>
    fails(endsEachJobOnce(await leavesTogether()), 150))
  it('is caught when what was stopped is joined', async () => fails(endsEachJobOnce(await joinsTheDead()), 150))
  it('is caught when what comes late is forgotten', async () => fails(endsEachJobOnce(await forgetsTheLate()), 150))

  it('keeps the order of one priority, and nobody waits for more than two frames', () =>
    holds(keepsOrder(CutoutBatchProcessor), 200))
  it('is caught when it holds nothing back', async () => fails(keepsOrder(await holdsNothing()), 200))
})
