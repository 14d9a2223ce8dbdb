import { MillraceError } from '@millrace/kernel/errors'
import type { DiscoveredFile } from '../file.ts'

/** What a processor is given: one file, read once. */
export interface FileInput {
  readonly file: DiscoveredFile
  /** The file's absolute path, for messages; its contents are in {@link FileInput.bytes}. */
  readonly absolutePath: string
  /** The whole contents. Valid until `process` returns or its promise settles. */
  readonly bytes: Uint8Array
  /**
   * The contents as text, a byte-order mark removed; decoded once.
   * @throws {MillraceError} `FILE_BINARY` where a NUL byte says this is no text, `FILE_NOT_UTF8` where the bytes are not UTF-8.
   */
  text(): string
}

/** What a processor says of a file, as plain JSON. `path` and `hash` stand before it in the output and may not be among its keys. */
export type ProcessedRecord = object

/** One entry for a job's "most …" lists, for example the most complex functions. */
export interface Highlight {
  /** Which list it stands in, for example `complexity`. */
  readonly list: string
  /** What a reader sees, for example `parse (src/parser.ts:120)`. */
  readonly label: string
  /** What the list is sorted by, largest first. */
  readonly value: number
}

/**
 * How one file becomes one record.
 *
 * A processor named by a module is loaded in each worker process and may crash, hang or leak without harm to the job. The
 * same contents must give the same record: no times, no random numbers, no absolute paths.
 */
export interface Processor<R extends ProcessedRecord = ProcessedRecord> {
  /** Stands in the ledger beside each result, for example `syntax`. */
  readonly name: string
  /** Raise it whenever the same contents would give another record: all results of the old version become stale. */
  readonly version: string
  /** Whether this processor takes the file, told from its name and size alone. */
  match(file: DiscoveredFile): boolean
  /**
   * Told of a batch before its first file: of the files that this processor takes, and of a batch that is run again only what is left. For what
   * costs less at once than one by one; what it throws is nobody's failure, as `process` is asked for each file all the same.
   * @param root Absolute path of the tree.
   */
  begin?(files: readonly DiscoveredFile[], root: string): void | Promise<void>
  /** Gives the record, or throws: the file is then quarantined with the error's code and message. */
  process(input: FileInput): R | Promise<R>
  /** Entries for the job's "most …" lists, from a record just made. */
  highlights?(record: R, file: DiscoveredFile): readonly Highlight[]
}

/** `name@version`: what stands beside a result in the ledger, so that a new version makes the old ones stale. */
export function tagOf({ name, version }: Pick<Processor, 'name' | 'version'>): string {
  return `${name}@${version}`
}

/**
 * Checks a processor and returns it, typed.
 * @throws {MillraceError} `PROCESSOR_INVALID` naming the field at fault.
 */
export function defineProcessor<R extends ProcessedRecord>(processor: Processor<R>): Processor<R> {
  const fault = processorFault(processor)
  if (fault !== undefined) {
    throw new MillraceError(
      'PROCESSOR_INVALID',
      `A processor ${fault}. See defineProcessor({ name, version, match, process }).`,
      { detail: { name: (processor as { name?: unknown } | undefined)?.name } },
    )
  }
  return processor
}

/** What keeps `value` from being a processor, as the end of a sentence about it, or undefined. */
export function processorFault(value: unknown): string | undefined {
  if (typeof value !== 'object' || value === null) return `must be an object, got ${String(value)}`
  const { name, version, match, begin, process, highlights } = value as Record<string, unknown>
  if (typeof name !== 'string' || name === '') return `needs a name, got ${String(name)}`
  if (typeof version !== 'string' || version === '') return `needs a version, got ${String(version)} ("${name}")`
  if (typeof match !== 'function') return `needs a match function ("${name}")`
  if (typeof process !== 'function') return `needs a process function ("${name}")`
  if (begin !== undefined && typeof begin !== 'function') return `has a begin that is not a function ("${name}")`
  if (highlights !== undefined && typeof highlights !== 'function')
    return `has highlights that is not a function ("${name}")`
  return undefined
}
