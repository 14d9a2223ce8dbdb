import { MillraceError } from '@millrace/kernel/errors'
import type { DiscoveredFile } from '../file.ts'
import type { ProcessedRecord, Processor } from './processor.ts'

/**
 * What makes another record of one that a processor gave.
 *
 * It runs in the worker processes, right behind the processor, and what it gives is what the ledger holds. The same record must give the same
 * output.
 */
export interface Transform<
  In extends ProcessedRecord = ProcessedRecord,
  Out extends ProcessedRecord = ProcessedRecord,
> {
  /** Stands behind the processor's name in the ledger: `syntax+sizes`. */
  readonly name: string
  /** Raise it whenever the same record would give another output: all results made with the old version become stale. */
  readonly version: string
  /** Gives the record to keep, or throws: the file is then quarantined with the error's code and message. */
  transform(record: In, file: DiscoveredFile): Out | Promise<Out>
}

/**
 * Checks a transform and returns it, typed.
 * @throws {MillraceError} `TRANSFORM_INVALID` naming the field at fault.
 */
export function defineTransform<In extends ProcessedRecord, Out extends ProcessedRecord>(
  transform: Transform<In, Out>,
): Transform<In, Out> {
  const fault = transformFault(transform)
  if (fault !== undefined) {
    throw new MillraceError(
      'TRANSFORM_INVALID',
      `A transform ${fault}. See defineTransform({ name, version, transform }).`,
      {
        detail: { name: (transform as { name?: unknown } | undefined)?.name },
      },
    )
  }
  return transform
}

/** What keeps `value` from being a transform, as the end of a sentence about it, or undefined. */
export function transformFault(value: unknown): string | undefined {
  if (typeof value !== 'object' || value === null) return `must be an object, got ${String(value)}`
  const { name, version, transform } = value as Record<string, unknown>
  if (typeof name !== 'string' || name === '') return `needs a name, got ${String(name)}`
  if (typeof version !== 'string' || version === '') return `needs a version, got ${String(version)} ("${name}")`
  if (typeof transform !== 'function') return `needs a transform function ("${name}")`
  return undefined
}

/**
 * A processor whose records go through the transforms, in their order.
 *
 * Its name is `syntax+sizes` and its version `1+2`: results of the chain and of the processor alone stand side by side in a ledger, and a new
 * version of either makes those of the chain stale. The processor's highlights are those of the record that it gave.
 */
export function chain(processor: Processor, transforms: readonly Transform[]): Processor {
  if (transforms.length === 0) return processor
  const parts = [processor, ...transforms]
  const given = new WeakMap<ProcessedRecord, ProcessedRecord>()
  const { highlights } = processor
  return {
    name: parts.map(({ name }) => name).join('+'),
    version: parts.map(({ version }) => version).join('+'),
    match: (file) => processor.match(file),
    ...(processor.begin !== undefined && { begin: processor.begin.bind(processor) }),
    process: async (input) => {
      const first = await processor.process(input)
      let record = first
      for (const one of transforms) record = await one.transform(record, input.file)
      if (highlights !== undefined && Object(record) === record) given.set(record, first)
      return record
    },
    ...(highlights !== undefined && {
      highlights: (record: ProcessedRecord, file: DiscoveredFile) =>
        highlights.call(processor, given.get(record) ?? record, file),
    }),
  }
}
