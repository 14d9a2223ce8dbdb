import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { type BatchStrategy, defineBatchStrategy, type FileBatch } from '../../src/plan/batch-strategy.ts'
import { type PlanInput, planBatches } from '../../src/plan/create-optimal-batches.ts'
import type { BatchPriority } from '../../src/plan/priority.ts'
import { createOptimalBatches } from '../../src/process-batches.ts'
import { discovered } from '../discovered.ts'

const input = (changes: Partial<PlanInput> = {}): PlanInput => ({
  workers: 4,
  batchSize: 200,
  predictMs: ({ size }) => size / 1000,
  priorityOf: ({ path }) => (path.length % 4) as BatchPriority,
  firstBatchId: 0,
  createdAt: 0,
  ...changes,
})

const files = fc
  .uniqueArray(fc.stringMatching(/^[a-z]{1,8}$/), { maxLength: 300 })
  .chain((paths) => fc.tuple(...paths.map((path) => fc.nat(1_000_000).map((size) => discovered(path, { size })))))

/** What a plan promises, whatever the strategy: throws where it is broken. */
function checkPlan(given: readonly ReturnType<typeof discovered>[], batches: readonly FileBatch[], batchSize: number) {
  expect(batches.flatMap((batch) => batch.files).sort(byPath)).toEqual([...given].sort(byPath))
  for (const [index, batch] of batches.entries()) {
    expect(batch.batchId).toBe(index)
    expect(batch.files.length).toBeGreaterThan(0)
    expect(batch.files.length).toBeLessThanOrEqual(batchSize)
    expect(batch.totalSize).toBe(batch.files.reduce((sum, { size }) => sum + size, 0))
    expect(batch.estimatedMs).toBeCloseTo(batch.totalSize / 1000)
  }
  const priorities = batches.map(({ priority }) => priority)
  expect(priorities).toEqual(priorities.toSorted((a, b) => b - a))
  for (const priority of new Set(priorities)) {
    const sizes = batches
      .filter((batch) => batch.priority === priority)
      .flatMap((batch) => batch.files.map(({ size }) => size))
    expect(sizes).toEqual(sizes.toSorted((a, b) => b - a))
  }
}

const byPath = (a: { path: string }, b: { path: string }) => (a.path < b.path ? -1 : 1)

describe('planBatches', () => {
  test('every file once, highest priority first, largest cost first, within the batch size', () => {
    fc.assert(
      fc.property(files, fc.integer({ min: 1, max: 50 }), (given, batchSize) => {
        checkPlan(given, planBatches(given, input({ batchSize })), batchSize)
      }),
    )
  })

  test('the property fails for a plan that drops its last batch', () => {
    expect(() =>
      fc.assert(
        fc.property(files, (given) => {
          checkPlan(given, planBatches(given, input({ batchSize: 20 })).slice(0, -1), 20)
        }),
      ),
    ).toThrow()
  })

  test('the same files give the same batches, whatever order they were found in', () => {
    fc.assert(
      fc.property(files, fc.integer(), (given, seed) => {
        const shuffled = given.toSorted((a, b) => hash(a.path, seed) - hash(b.path, seed))
        expect(planBatches(shuffled, input())).toEqual(planBatches(given, input()))
      }),
    )
  })

  test('the body has full batches, the tail shrinking ones', () => {
    const given = Array.from({ length: 4000 }, (_, index) => discovered(`f${index}`, { size: 10_000 }))
    const sizes = planBatches(given, input({ priorityOf: () => 1 })).map((batch) => batch.files.length)
    expect(sizes[0]).toBe(200)
    expect(sizes.at(-1)).toBeLessThan(20)
    expect(sizes).toEqual(sizes.toSorted((a, b) => b - a))
  })

  test('only the last priority of several has a tail', () => {
    const given = Array.from({ length: 8000 }, (_, index) => discovered(`f${index}`, { size: 10_000 }))
    const batches = planBatches(given, input({ priorityOf: ({ path }) => (Number(path.slice(1)) < 4000 ? 3 : 0) }))
    const critical = batches.filter(({ priority }) => priority === 3)
    expect(critical.map((batch) => batch.files.length)).toEqual(Array(20).fill(200))
  })

  test.each([
    ['loses a file', (given: readonly unknown[]) => [given.slice(1)], /is in no batch/],
    ['doubles a file', (given: readonly unknown[]) => [given, given.slice(0, 1)], /is in two batches/],
  ])('a custom strategy that %s is refused, with the file', (_, plan, message) => {
    const strategy = defineBatchStrategy({ name: 'mine', plan } as BatchStrategy)
    expect(() => planBatches([discovered('a'), discovered('b')], input({ strategy }))).toThrow(message)
    expect(() => planBatches([discovered('a'), discovered('b')], input({ strategy }))).toThrow(
      expect.objectContaining({ code: 'STRATEGY_UNBALANCED' }),
    )
  })

  test('a custom strategy that places every file once is used as it is', () => {
    const strategy = defineBatchStrategy({
      name: 'pairs',
      *plan(given) {
        for (let index = 0; index < given.length; index += 2) yield given.slice(index, index + 2)
      },
    })
    const batches = planBatches(
      [discovered('a'), discovered('b'), discovered('c')],
      input({ strategy, priorityOf: () => 2 }),
    )
    expect(batches.map((batch) => batch.files.map(({ path }) => path))).toEqual([['a', 'b'], ['c']])
  })
})

describe('defineBatchStrategy', () => {
  test.each([[undefined], [{}], [{ name: 'x' }], [{ name: '', plan() {} }]])('refuses %j', (strategy) => {
    expect(() => defineBatchStrategy(strategy as never)).toThrow(expect.objectContaining({ code: 'STRATEGY_INVALID' }))
  })
})

describe('createOptimalBatches', () => {
  test('100,000 files are planned, each once', () => {
    const given = Array.from({ length: 100_000 }, (_, index) =>
      discovered(`f${index}`, { size: (index * 7919) % 100_003 }),
    )
    const batches = createOptimalBatches(given, { workerCount: 8 })
    expect(batches.reduce((sum, batch) => sum + batch.files.length, 0)).toBe(100_000)
    expect(new Set(batches.flatMap((batch) => batch.files.map(({ path }) => path))).size).toBe(100_000)
  })

  test('takes priorities and the batch size of the configuration', () => {
    const given = Array.from({ length: 30 }, (_, index) => discovered(`f${index}.js`))
    const batches = createOptimalBatches(given, { batchSize: 10, priority: [{ priority: 3, glob: 'f7.js' }] })
    expect(batches[0]!.files.map(({ path }) => path)).toEqual(['f7.js'])
    expect(Math.max(...batches.map((batch) => batch.files.length))).toBeLessThanOrEqual(10)
  })

  test('a wrong option is refused with its value', () => {
    expect(() => createOptimalBatches([], { batchSize: 0 })).toThrow(/batchSize must be .* not 0/)
    expect(() => createOptimalBatches([], { batchsize: 3 } as never)).toThrow(/no field "batchsize"/)
  })
})

function hash(text: string, seed: number): number {
  let value = seed | 0
  for (let index = 0; index < text.length; index++) value = (Math.imul(value, 31) + text.charCodeAt(index)) | 0
  return value
}
