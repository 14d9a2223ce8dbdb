import { MillraceError } from '@millrace/kernel'
import { isTransient, readInput } from '../processor/file-input.ts'
import { processorFor } from '../processor/load-processors.ts'
import type { Highlight, ProcessedRecord, Processor } from '../processor/processor.ts'
import type { Assignment, ExecutorReport, FileDelivered, FileFailed } from './executor.ts'

/** What processing needs to know beyond the assignment. */
export interface ProcessingContext {
  /** Absolute path of the tree. */
  readonly root: string
  readonly processors: readonly Processor[]
  readonly maxFileBytes: number
}

/** Reports are sent when this much time has passed … */
const REPORT_EVERY_MS = 50
/** … or when records of this length wait, in characters. */
const REPORT_EVERY_CHARS = 256 * 1024
/** Entries kept of each highlights list, per assignment. */
const HIGHLIGHTS_KEPT = 20

/**
 * Processes an assignment's files one after another and reports as it goes.
 *
 * Each file is read once; its failure is its own. A report is sent at least every 50 ms between files, so that silence means one file is
 * taking its time. `send` resolves when the report is on its way: a slow receiver slows the work instead of filling memory.
 */
export async function processFiles(
  assignment: Assignment,
  context: ProcessingContext,
  send: (report: ExecutorReport) => Promise<void>,
): Promise<void> {
  const { assignmentId, files, cautious } = assignment
  let delivered: FileDelivered[] = []
  let failed: FileFailed[] = []
  let highlights: Highlight[] = []
  let waitingChars = 0
  let lastReport = performance.now()

  const report = async (next: number) => {
    const message = { assignmentId, delivered, failed, next, highlights: topOfEachList(highlights) }
    delivered = []
    failed = []
    highlights = []
    waitingChars = 0
    await send(message)
    lastReport = performance.now()
  }

  for (let index = 0; index < files.length; index++) {
    const started = performance.now()
    if (cautious || waitingChars >= REPORT_EVERY_CHARS || started - lastReport >= REPORT_EVERY_MS) await report(index)
    const file = files[index]!
    try {
      const input = readInput(context.root, file, context.maxFileBytes)
      const processor = processorFor(context.processors, file)
      if (processor === undefined) {
        throw new MillraceError(
          'PROCESSOR_MISSING',
          `No processor takes ${file.path}. Processors must match alike everywhere.`,
        )
      }
      const result = processor.process(input)
      const output = result instanceof Promise ? await result : result
      const record = recordLine(file.path, input.hash, output, processor)
      if (processor.highlights !== undefined) highlights.push(...processor.highlights(output, file))
      waitingChars += record.length
      delivered.push({ index, hash: input.hash, record, ms: performance.now() - started, bytes: input.bytes.length })
    } catch (error) {
      failed.push(failure(index, error, performance.now() - started))
    }
  }
  await report(files.length)
}

/** `path` and `hash` first, then the processor's own keys in its order: the same contents give the same bytes. */
function recordLine(path: string, hash: string, output: ProcessedRecord, processor: Processor): string {
  if (typeof output !== 'object' || output === null || Array.isArray(output)) {
    throw new MillraceError(
      'RECORD_INVALID',
      `The processor "${processor.name}" gave ${output === null ? 'null' : Array.isArray(output) ? 'an array' : typeof output} for ${path}. A record is an object of plain JSON.`,
    )
  }
  if ('path' in output || 'hash' in output) {
    throw new MillraceError(
      'RECORD_INVALID',
      `The processor "${processor.name}" gave a record with the key "path" or "hash" for ${path}; these are the engine's. Name yours differently.`,
    )
  }
  let body: string | undefined
  try {
    body = JSON.stringify(output)
    if (!body?.startsWith('{')) throw new TypeError('its toJSON gives no object')
  } catch (error) {
    throw new MillraceError(
      'RECORD_INVALID',
      `The record that the processor "${processor.name}" gave for ${path} is not plain JSON: ${firstLine(error)}`,
      { cause: error },
    )
  }
  const head = `{"path":${JSON.stringify(path)},"hash":"${hash}"`
  return body === '{}' ? `${head}}` : `${head},${body.slice(1)}`
}

function failure(index: number, error: unknown, ms: number): FileFailed {
  const known = error instanceof MillraceError
  return {
    index,
    code: known ? error.code : 'PROCESSOR_FAILED',
    message: known ? error.message : `The processor threw: ${firstLine(error)}`,
    transient: isTransient(error),
    ms,
    evidence: known
      ? plain(error.detail)
      : { stack: error instanceof Error ? (error.stack ?? '').split('\n').slice(0, 8).join('\n') : String(error) },
  }
}

function firstLine(error: unknown): string {
  const text = error instanceof Error ? `${error.name}: ${error.message}` : String(error)
  return text.split('\n', 1)[0]!.slice(0, 500)
}

function plain(detail: Readonly<Record<string, unknown>>): Readonly<Record<string, unknown>> {
  try {
    return JSON.parse(JSON.stringify(detail)) as Record<string, unknown>
  } catch {
    return {}
  }
}

function topOfEachList(highlights: readonly Highlight[]): Highlight[] {
  const kept = new Map<string, number>()
  return highlights
    .toSorted((a, b) => b.value - a.value)
    .filter(({ list }) => {
      const count = (kept.get(list) ?? 0) + 1
      kept.set(list, count)
      return count <= HIGHLIGHTS_KEPT
    })
}
