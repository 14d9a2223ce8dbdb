import { MillraceError } from '@millrace/kernel/errors'
import type { FractureAdapter } from './adapters/fracture-adapter.ts'
import type { CutoutBatchProcessor } from './cutout-batch-processor.ts'
import type { FractureParams } from './patterns/fracture-params.ts'
import type { SubmitOptions } from './queue/job-intake.ts'
import type { FractureResult } from './result/fracture-result.ts'

interface Order<Thing> {
  readonly thing: Thing
  readonly params: FractureParams | undefined
}

/**
 * Objects to be fractured together: their polygons are read when it is executed, and their fragments put in their places within the frames that
 * follow. Several batches under way at once have nothing to do with one another.
 */
export class FractureBatch<Thing> {
  readonly #processor: CutoutBatchProcessor
  readonly #adapter: FractureAdapter<Thing>
  #orders: Order<Thing>[] = []

  constructor(processor: CutoutBatchProcessor, adapter: FractureAdapter<Thing>) {
    this.#processor = processor
    this.#adapter = adapter
  }

  /** Objects added since it was executed last. */
  get size(): number {
    return this.#orders.length
  }

  addFracture(thing: Thing, params?: FractureParams): this {
    this.#orders.push({ thing, params })
    return this
  }

  /**
   * Fractures what was added, and resolves with the results, in the order in which it was, once all are applied. What is added from now on is for the next
   * `execute`.
   * @throws {MillraceError} (rejects) `BATCH_FAILED` once all have ended, when some could not be fractured or applied: all others are; `detail.failures` has the
   * numbers of those that are not, `cause` why.
   */
  async execute(options: SubmitOptions = {}): Promise<FractureResult[]> {
    const orders = this.#orders
    this.#orders = []
    const fractures = orders.map(({ thing, params }) =>
      fractureThing(this.#processor, this.#adapter, thing, params, options),
    )
    const results: FractureResult[] = []
    const failures: number[] = []
    const causes: unknown[] = []
    for (const [index, outcome] of (await Promise.allSettled(fractures)).entries()) {
      if (outcome.status === 'fulfilled') results.push(outcome.value)
      else {
        failures.push(index)
        causes.push(outcome.reason)
      }
    }
    if (failures.length > 0) throw failedError(failures, causes, orders.length)
    return results
  }
}

/** Fractures one object, and resolves with its fragments once they are applied. */
export async function fractureThing<Thing>(
  processor: CutoutBatchProcessor,
  adapter: FractureAdapter<Thing>,
  thing: Thing,
  params: FractureParams | undefined,
  options: SubmitOptions = {},
): Promise<FractureResult> {
  const { needs } = adapter
  const apply = (result: FractureResult) => adapter.apply(thing, result)
  const asked = needs === undefined ? params : { ...params, ...needs }
  return processor.fracture(adapter.polygonOf(thing), asked, { ...options, apply })
}

function failedError(failures: readonly number[], causes: readonly unknown[], count: number): MillraceError {
  const [first] = causes
  const why = first instanceof Error ? first.message : String(first)
  return new MillraceError(
    'BATCH_FAILED',
    `FractureBatch: ${failures.length} of ${count} objects could not be fractured, all others are; the first, number ${failures[0]}: ${why}`,
    { detail: { failures }, cause: causes.length === 1 ? first : new AggregateError(causes) },
  )
}
