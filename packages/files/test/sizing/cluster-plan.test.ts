import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { ClusterPlanOptions } from '../../src/sizing/cluster-forecast.ts'
import { planCluster } from '../../src/sizing/cluster-plan.ts'
import { EventHeap } from '../../src/sizing/event-heap.ts'

/** Nothing but the files: what is left is arithmetic. */
const bare = {
  startMs: 0,
  spread: 0,
  handOutMs: 0,
  commitMs: 0,
  commitMsPerFile: 0,
  publishMsPerFile: 0,
  exportMsPerFile: 0,
}

describe('planCluster', () => {
  test('where nothing else takes time, workers share the files', () => {
    const { steps, forecast } = planCluster({ ...bare, files: 64_000, workers: 8, msPerFile: 2 })
    expect(steps.map(({ workers }) => workers)).toEqual([1, 2, 4, 8])
    expect(steps[0]!.makespanSeconds).toBeCloseTo(128, 6)
    expect(forecast.makespanSeconds).toBeCloseTo(16, 1)
    expect(forecast.speedUp).toBeGreaterThan(7.9)
    expect(forecast).toMatchObject({ bottleneck: 'workers', postgresLoad: 0, coordinatorLoad: 0 })
  })

  test('PostgreSQL bounds the rate at what its cores give', () => {
    const { forecast, usefulWorkers } = planCluster({
      ...bare,
      files: 400_000,
      workers: 200,
      commitMsPerFile: 0.1,
      postgresCores: 4,
    })
    expect(forecast.bottleneck).toBe('postgres')
    expect(forecast.filesPerSecond).toBeGreaterThan(0.95 * 40_000)
    expect(forecast.filesPerSecond).toBeLessThanOrEqual(40_000)
    expect(usefulWorkers).toBe(40)
  })

  test('the coordinator bounds it too', () => {
    const { forecast } = planCluster({ ...bare, files: 400_000, workers: 100, publishMsPerFile: 0.1 })
    expect(forecast.bottleneck).toBe('coordinator')
    expect(forecast.makespanSeconds).toBeGreaterThanOrEqual(40)
    expect(forecast.makespanSeconds).toBeLessThan(42)
  })

  test('few files for many workers: what is waited for is the end', () => {
    const { forecast } = planCluster({
      files: 100,
      workers: 200,
      msPerFile: 1,
      commitMs: 0,
      publishMsPerFile: 0,
      commitMsPerFile: 0,
    })
    expect(forecast.bottleneck).toBe('end')
  })

  test('fifty million files and two hundred workers; the same again is the same', () => {
    const options = { files: 50_000_000, workers: 200 }
    const plan = planCluster(options)
    expect(plan.steps.at(-1)!.batches).toBeGreaterThanOrEqual(250_000)
    expect(planCluster(options)).toEqual(plan)
    // Batches taken together change nothing that matters: a tenth of the files takes about a tenth of the time.
    const tenth = planCluster({ ...options, files: 5_000_000 })
    expect(plan.forecast.makespanSeconds / tenth.forecast.makespanSeconds).toBeCloseTo(10, 0)
  })

  const options: fc.Arbitrary<ClusterPlanOptions> = fc.record({
    files: fc.integer({ min: 1, max: 20_000 }),
    workers: fc.integer({ min: 1, max: 64 }),
    msPerFile: fc.double({ min: 0.01, max: 50, noNaN: true }),
    spread: fc.double({ min: 0, max: 5, noNaN: true }),
    batchSize: fc.integer({ min: 1, max: 500 }),
    handOutMs: fc.double({ min: 0, max: 20, noNaN: true }),
    commitMs: fc.double({ min: 0, max: 20, noNaN: true }),
    commitMsPerFile: fc.double({ min: 0, max: 2, noNaN: true }),
    postgresCores: fc.integer({ min: 1, max: 16 }),
    publishMsPerFile: fc.double({ min: 0, max: 1, noNaN: true }),
    seed: fc.nat(1000),
  })

  test('no run is faster than its parts allow, and no share is more than the whole', () => {
    fc.assert(
      fc.property(options, (given) => {
        const { options: all, steps } = planCluster(given)
        for (const step of steps) {
          const seconds = (step.makespanSeconds - (all.files * all.exportMsPerFile) / 1000) * (1 + 1e-9) + 1e-9
          expect(seconds).toBeGreaterThanOrEqual((all.files * all.publishMsPerFile) / 1000)
          expect(seconds).toBeGreaterThanOrEqual((all.files * all.commitMsPerFile) / all.postgresCores / 1000)
          for (const share of [step.efficiency, step.postgresLoad, step.coordinatorLoad]) {
            expect(share).toBeGreaterThanOrEqual(0)
            expect(share).toBeLessThanOrEqual(1)
          }
        }
      }),
      { numRuns: 100 },
    )
  })

  test('with equal files another worker never makes it much slower', () => {
    fc.assert(
      fc.property(options, (given) => {
        const { steps } = planCluster({ ...given, spread: 0, commitMs: 0, commitMsPerFile: 0 })
        for (let at = 1; at < steps.length; at++) {
          const slack = (given.msPerFile ?? 1) * (given.batchSize ?? 1) + 40 * (given.handOutMs ?? 0)
          expect(1000 * steps[at]!.makespanSeconds).toBeLessThanOrEqual(1000 * steps[at - 1]!.makespanSeconds + slack)
        }
      }),
      { numRuns: 100 },
    )
  })

  test.each([
    [{ files: 0, workers: 1 }, 'files'],
    [{ files: 1e11, workers: 1 }, 'files'],
    [{ files: 10, workers: 0 }, 'workers'],
    [{ files: 10, workers: 1.5 }, 'workers'],
    [{ files: 10, workers: 1, msPerFile: 0 }, 'msPerFile'],
    [{ files: 10, workers: 1, commitMs: -1 }, 'commitMs'],
    [{ files: 10, workers: 1, msPerfile: 2 }, 'msPerfile'],
  ])('%j is refused', (given, option) => {
    expect(() => planCluster(given)).toThrowError(
      expect.objectContaining({ code: 'OPTION_INVALID', message: expect.stringContaining(option) }),
    )
  })
})

test('EventHeap gives the earliest first', () => {
  fc.assert(
    fc.property(fc.array(fc.nat(50), { minLength: 1, maxLength: 60 }), (times) => {
      const heap = new EventHeap(times.length)
      for (const [item, time] of times.entries()) heap.push(time, item)
      const given = times.map(() => heap.pop())
      expect(given.map(({ time }) => time)).toEqual([...times].sort((one, other) => one - other))
      expect(given.every(({ time, item }) => times[item] === time)).toBe(true)
      expect(heap.size).toBe(0)
    }),
  )
})
