import type { Signal, Subscription } from '@millrace/kernel'
import type { Pool } from '@millrace/pool'
import { describe, expectTypeOf, it } from 'vitest'
import {
  type CheckedParams,
  CutoutBatch,
  CutoutBatchProcessor,
  type CutoutBatchProcessorOptions,
  checkParams,
  type FractureAdapter,
  type FractureBatch,
  type FractureOutcome,
  type FractureParams,
  type FracturePattern,
  type FracturePool,
  type FractureResult,
  type FractureTasks,
  type Fragment,
  fracturePolygon,
  type JobId,
  type PolygonInput,
  type StreamResult,
} from '../src/index.ts'

interface Crate {
  readonly id: number
}

const processor = new CutoutBatchProcessor({ frames: 'manual', clockTickMs: 0 })
const adapter: FractureAdapter<Crate> = { polygonOf: ({ id }) => [id, 0, 1, 0, 0, 1], apply: ({ id }) => id }
const result = fracturePolygon([0, 0, 1, 0, 0, 1])
const fragment: Fragment = result.fragments[0]!

/** Whether it can be handed over: the line that tells is for the compiler. */
const takes = <T>(_value: T) => {}

describe('polygons', () => {
  it('are rings in any form, with holes or without, and fragments', () => {
    takes<PolygonInput>([0, 0, 1, 0, 0, 1])
    takes<PolygonInput>([
      [0, 0],
      [1, 0],
      [0, 1],
    ])
    takes<PolygonInput>([{ x: 0, y: 0 }])
    takes<PolygonInput>(new Float32Array(6))
    takes<PolygonInput>(new Float64Array(6))
    takes<PolygonInput>({ outer: [0, 0, 1, 0, 0, 1], holes: [new Float32Array(6), [{ x: 0, y: 0 }]] })
    takes<PolygonInput>({ outer: [0, 0, 1, 0, 0, 1], transform: { x: 1, y: 2, rotation: 3 } })
    takes<PolygonInput>(fragment)
  })

  it('are nothing else', () => {
    // @ts-expect-error: what is this?
    takes<PolygonInput>('0 0 1 1')
    // @ts-expect-error: whole numbers only would be read wrongly by none, but no typed array of them is taken
    takes<PolygonInput>(new Int32Array(6))
    // @ts-expect-error: points have two coordinates
    takes<PolygonInput>([[0], [1], [2]])
    // @ts-expect-error: holes are a list of rings
    takes<PolygonInput>({ outer: [0, 0, 1, 0, 0, 1], holes: [0, 0, 1, 0, 0, 1] })
    // @ts-expect-error: without an outer ring
    takes<PolygonInput>({ holes: [] })
  })
})

describe('parameters', () => {
  it('are those of the pattern, by which they are told apart', () => {
    takes<FractureParams>({})
    takes<FractureParams>({ fragmentCount: 12, seed: 3 })
    takes<FractureParams>({ pattern: 'spiderweb', ringCount: 3, center: { x: 1, y: 2 } })
    takes<FractureParams>({
      pattern: 'manual-slices',
      slices: [
        [
          { x: 0, y: 0 },
          { x: 1, y: 1 },
        ],
      ],
    })
    expectTypeOf<Extract<FractureParams, { pattern?: 'grid' }>['rows']>().toEqualTypeOf<number | undefined>()
    expectTypeOf<NonNullable<FractureParams['pattern']>>().toEqualTypeOf<FracturePattern>()
  })

  it('are no others', () => {
    // @ts-expect-error: there is no such pattern
    takes<FractureParams>({ pattern: 'shatter' })
    // @ts-expect-error: slices belong to another pattern
    takes<FractureParams>({ pattern: 'grid', sliceCount: 3 })
    // @ts-expect-error: without the pattern they are those of random
    takes<FractureParams>({ sliceCount: 3 })
    // @ts-expect-error: manual slices are to be given
    takes<FractureParams>({ pattern: 'manual-slices' })
    // @ts-expect-error: a number
    takes<FractureParams>({ seed: 'abc' })
  })

  it('are checked to ones that are whole, and good as parameters themselves', () => {
    expectTypeOf(checkParams({ pattern: 'grid' })).toEqualTypeOf<CheckedParams>()
    expectTypeOf<Extract<CheckedParams, { pattern: 'grid' }>['rows']>().toEqualTypeOf<number>()
    expectTypeOf(processor.submitFracture).toBeCallableWith([0, 0], checkParams())
    expectTypeOf(fracturePolygon).toBeCallableWith([0, 0], checkParams())
  })
})

describe('a processor', () => {
  it('takes a worker or a pool, and frames of three kinds', () => {
    takes<CutoutBatchProcessorOptions>({})
    expectTypeOf<Pool<FractureTasks>>().toExtend<CutoutBatchProcessorOptions['pool']>()
    takes<CutoutBatchProcessorOptions>({ frames: { start: () => () => {} } })
    // @ts-expect-error: a pool of something else
    takes<FracturePool>({ width: 2, run: async () => 5 })
    // @ts-expect-error: it does not wait
    takes<CutoutBatchProcessorOptions>({ whenFull: 'wait' })
    // @ts-expect-error: neither automatic nor by hand
    takes<CutoutBatchProcessorOptions>({ frames: 'never' })
    // @ts-expect-error: a worker is made, not given
    takes<CutoutBatchProcessorOptions>({ worker: {} })
  })

  it('gives numbers, promises, streams', () => {
    expectTypeOf(processor.submitFracture).returns.toEqualTypeOf<JobId>()
    expectTypeOf(processor.submitBatch).returns.toEqualTypeOf<JobId>()
    expectTypeOf(processor.fracture).returns.resolves.toEqualTypeOf<FractureResult>()
    expectTypeOf(processor.prefracture).returns.resolves.toEqualTypeOf<void>()
    expectTypeOf(processor.processBatchParallel).returns.resolves.toEqualTypeOf<FractureResult[]>()
    expectTypeOf(processor.processBatchStreaming).returns.toEqualTypeOf<
      AsyncGenerator<FractureResult[], void, undefined>
    >()
    expectTypeOf(() => processor.createStream()[Symbol.asyncIterator]().next()).returns.resolves.toEqualTypeOf<
      IteratorResult<readonly StreamResult[], undefined>
    >()
    expectTypeOf(processor).toExtend<AsyncDisposable>()
  })

  it('takes parameters for all polygons, or for each its own', () => {
    expectTypeOf(processor.submitBatch).toBeCallableWith([[0, 0]], { pattern: 'grid', rows: 2 })
    expectTypeOf(processor.submitBatch).toBeCallableWith([[0, 0]], [{ seed: 1 }, undefined])
    // @ts-expect-error: priorities are numbers
    expectTypeOf(processor.submitBatch).toBeCallableWith([[0, 0]], {}, { priority: 'high' })
  })

  it('tells by signals what became of jobs', () => {
    type Told<S> = S extends Signal<infer T> ? T : never
    expectTypeOf<Told<typeof processor.jobCompleted>>().toEqualTypeOf<{
      readonly jobId: JobId
      readonly result: FractureResult
    }>()
    expectTypeOf<Told<typeof processor.jobFailed>['error']>().toEqualTypeOf<unknown>()
    expectTypeOf<Told<typeof processor.batchCompleted>['results']>().toEqualTypeOf<readonly FractureOutcome[]>()
    expectTypeOf(processor.jobProgress.subscribe).returns.toEqualTypeOf<Subscription>()
  })
})

describe('CutoutBatch', () => {
  it('makes batches of any objects for its own adapter, and of its things for another', () => {
    expectTypeOf(() => CutoutBatch.create()).returns.toEqualTypeOf<FractureBatch<object>>()
    const opened = () => CutoutBatch.create(adapter)
    expectTypeOf(opened).returns.toEqualTypeOf<FractureBatch<Crate>>()
    expectTypeOf<ReturnType<typeof opened>['addFracture']>().parameter(0).toEqualTypeOf<Crate>()
    expectTypeOf<ReturnType<typeof opened>['execute']>().returns.resolves.toEqualTypeOf<FractureResult[]>()
    // @ts-expect-error: no crate
    expectTypeOf<ReturnType<typeof opened>['addFracture']>().toBeCallableWith({ id: 'seven' })
    expectTypeOf(CutoutBatch.fractureObject).returns.resolves.toEqualTypeOf<FractureResult>()
  })

  it('is configured with an adapter of any kind of thing', () => {
    expectTypeOf(CutoutBatch.configure<Crate>).toBeCallableWith({ adapter, threads: 2 })
    // @ts-expect-error: it says no polygon
    takes<FractureAdapter<Crate>>({ apply() {} })
  })
})

describe('results', () => {
  it('are read, and not written', () => {
    expectTypeOf(result.fragments).toEqualTypeOf<readonly Fragment[]>()
    expectTypeOf(fragment.mesh?.positions).toEqualTypeOf<Float32Array | undefined>()
    expectTypeOf(fragment.convexParts).toEqualTypeOf<readonly Float64Array[] | undefined>()
    // @ts-expect-error: read only
    const write = () => (fragment.index = 1)
    expectTypeOf(write).toBeFunction()
  })
})
