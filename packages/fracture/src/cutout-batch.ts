import { MillraceError } from '@millrace/kernel/errors'
import type { FrameUse, HostFrame } from '@millrace/kernel/frames/frame-host'
import { checkObject } from '@millrace/kernel/options'
import { checkAdapter, type FractureAdapter } from './adapters/fracture-adapter.ts'
import type { CutoutBatchProcessorOptions } from './batch-options.ts'
import { type CloseOptions, CutoutBatchProcessor, type FractureOptions } from './cutout-batch-processor.ts'
import type { FractureStream, FractureStreamOptions } from './deliver/fracture-stream.ts'
import { FractureBatch, fractureThing } from './fracture-batch.ts'
import type { FractureParams } from './patterns/fracture-params.ts'
import type { PolygonInput } from './polygon/polygon.ts'
import type { JobId } from './queue/job.ts'
import type { SubmitOptions } from './queue/job-intake.ts'
import type { ParamsOfMany } from './queue/params-of-many.ts'
import type { FractureResult } from './result/fracture-result.ts'

/** How the ready-made processor is made, and what puts its fragments on the screen. */
export interface CutoutBatchOptions<Thing extends object = object> extends CutoutBatchProcessorOptions {
  /** Joins it to the objects of an engine: `fractureObject` and `create` need one. */
  readonly adapter?: FractureAdapter<Thing>
}

/**
 * The ready-made one of a program: a processor that is made when it is first needed, and an adapter to the objects of its engine.
 *
 * Without `configure` it cuts on the caller's thread, within frames.
 */
export class CutoutBatchAutoload {
  #options: CutoutBatchProcessorOptions = {}
  #adapter: FractureAdapter<object> | undefined
  #made: CutoutBatchProcessor | undefined

  /**
   * Says how it is made. Once, before anything else: workers start now.
   * @throws {MillraceError} `PROCESSOR_IN_USE` when it is there already; `OPTION_INVALID`.
   */
  configure<Thing extends object>(options: CutoutBatchOptions<Thing>): void {
    if (this.#made !== undefined) {
      throw new MillraceError(
        'PROCESSOR_IN_USE',
        'CutoutBatch: it is in use already; call configure() before anything else, or after close()',
      )
    }
    const { adapter, ...rest } = checkObject('CutoutBatch', 'options', options)
    if (adapter !== undefined) checkAdapter('CutoutBatch', adapter)
    this.#made = new CutoutBatchProcessor(rest)
    this.#options = rest
    this.#adapter = adapter
  }

  /** The processor behind it. */
  get processor(): CutoutBatchProcessor {
    this.#made ??= new CutoutBatchProcessor(this.#options)
    return this.#made
  }

  /**
   * Fractures an object of the engine, and resolves with the result once the fragments are in its place.
   * @throws {MillraceError} (rejects) as `CutoutBatchProcessor.fracture`; `ADAPTER_MISSING`; or what the adapter throws.
   */
  async fractureObject(object: object, params?: FractureParams, options?: SubmitOptions): Promise<FractureResult> {
    return fractureThing(this.processor, this.#configured(), object, params, options)
  }

  /**
   * Opens a batch: `addFracture` for each object, then `execute`.
   * @throws {MillraceError} `ADAPTER_MISSING`, `OPTION_INVALID`.
   */
  create(): FractureBatch<object>
  create<Thing extends object>(adapter: FractureAdapter<Thing>): FractureBatch<Thing>
  create(adapter: FractureAdapter<object> = this.#configured()): FractureBatch<object> {
    return new FractureBatch(this.processor, checkAdapter('CutoutBatch', adapter))
  }

  /** See {@link CutoutBatchProcessor}, here and for all below. */
  get jobCompleted() {
    return this.processor.jobCompleted
  }

  get jobFailed() {
    return this.processor.jobFailed
  }

  get jobCancelled() {
    return this.processor.jobCancelled
  }

  get jobProgress() {
    return this.processor.jobProgress
  }

  get batchCompleted() {
    return this.processor.batchCompleted
  }

  get stats() {
    return this.processor.stats
  }

  get learned() {
    return this.processor.learned
  }

  submitFracture(polygon: PolygonInput, params?: FractureParams, options?: SubmitOptions): JobId {
    return this.processor.submitFracture(polygon, params, options)
  }

  submitBatch(polygons: readonly PolygonInput[], params?: ParamsOfMany, options?: SubmitOptions): JobId {
    return this.processor.submitBatch(polygons, params, options)
  }

  cancelJob(id: JobId): boolean {
    return this.processor.cancelJob(id)
  }

  fracture(polygon: PolygonInput, params?: FractureParams, options?: FractureOptions): Promise<FractureResult> {
    return this.processor.fracture(polygon, params, options)
  }

  processBatchParallel(polygons: readonly PolygonInput[], params?: ParamsOfMany): Promise<FractureResult[]> {
    return this.processor.processBatchParallel(polygons, params)
  }

  processBatchStreaming(polygons: readonly PolygonInput[], params?: ParamsOfMany, chunkSize?: number) {
    return this.processor.processBatchStreaming(polygons, params, chunkSize)
  }

  createStream(options?: FractureStreamOptions): FractureStream {
    return this.processor.createStream(options)
  }

  prefracture(polygon: PolygonInput, params?: FractureParams): Promise<void> {
    return this.processor.prefracture(polygon, params)
  }

  process(frame?: HostFrame): FrameUse {
    return this.processor.process(frame)
  }

  drain(): Promise<void> {
    return this.#made?.drain() ?? Promise.resolve()
  }

  /** Closes the processor. The next use makes another, by the same options; `configure` may give others. */
  close(options?: CloseOptions): Promise<void> {
    const made = this.#made
    this.#made = undefined
    return made?.close(options) ?? Promise.resolve()
  }

  #configured(): FractureAdapter<object> {
    if (this.#adapter !== undefined) return this.#adapter
    throw new MillraceError(
      'ADAPTER_MISSING',
      'CutoutBatch: no adapter says what polygon an object is and where its fragments go; call CutoutBatch.configure({ adapter }) first',
    )
  }
}

/** The program's own. */
export const CutoutBatch: CutoutBatchAutoload = new CutoutBatchAutoload()
