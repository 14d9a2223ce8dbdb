import { MillraceError } from '@millrace/kernel/errors'
import { type ReadPorts, readInput } from '../processor/file-input.ts'
import { processorFor } from '../processor/load-processors.ts'
import type { Processor } from '../processor/processor.ts'
import { fileDiffers } from '../processor/read-failure.ts'
import type {
  Assignment,
  ExecutorReport,
  FileConfirmed,
  FileDelivered,
  FileFailed,
  IndexedHighlight,
} from './executor.ts'
import { fileFailure } from './file-failure.ts'
import { checkedHighlights, topOfEachList } from './highlight-list.ts'
import { recordLine } from './record-line.ts'

/** What processing needs to know beyond the assignment. */
export interface ProcessingContext {
  /** Absolute path of the tree. */
  readonly root: string
  readonly processors: readonly Processor[]
  readonly maxFileBytes: number
  /** Where files are read, and by which clock. @default this machine's */
  readonly ports?: ReadPorts
}

/** Reports are sent when this much time has passed … */
const REPORT_EVERY_MS = 50
/** … or when records of this length wait, in characters. */
const REPORT_EVERY_CHARS = 256 * 1024

/**
 * Processes an assignment's files one after another and reports as it goes.
 *
 * Each file is read once; its failure is its own. One that has the contents of its kept result is confirmed and not processed. A report
 * is sent at least every 50 ms between files, so that silence means one file is taking its time. `send` resolves when the
 * report is on its way: a slow receiver slows the work instead of filling memory.
 */
export async function processFiles(
  assignment: Assignment,
  context: ProcessingContext,
  send: (report: ExecutorReport) => Promise<void>,
): Promise<void> {
  const { assignmentId, files, cautious } = assignment
  const { root, processors, maxFileBytes, ports } = context
  let delivered: FileDelivered[] = []
  let confirmed: FileConfirmed[] = []
  let failed: FileFailed[] = []
  let highlights: IndexedHighlight[] = []
  let waitingChars = 0
  let lastReport = performance.now()

  const report = async (next: number) => {
    const message = { assignmentId, delivered, confirmed, failed, next, highlights: topOfEachList(highlights) }
    delivered = []
    confirmed = []
    failed = []
    highlights = []
    waitingChars = 0
    await send(message)
    lastReport = performance.now()
  }

  await beginBatch(assignment, context)
  for (let index = 0; index < files.length; index++) {
    const started = performance.now()
    if (cautious || waitingChars >= REPORT_EVERY_CHARS || started - lastReport >= REPORT_EVERY_MS) await report(index)
    const file = files[index]!
    // A processor may write to what it is given.
    const { path, knownHash, expectedHash } = file
    try {
      const input = readInput(root, file, maxFileBytes, ports)
      const { hash, stamp } = input
      const bytes = input.bytes.length
      if (expectedHash !== undefined && hash !== expectedHash) throw fileDiffers(path, expectedHash, hash)
      if (hash === knownHash) {
        confirmed.push({ index, ms: performance.now() - started, bytes, stamp })
        continue
      }
      const processor = processorFor(processors, file)
      if (processor === undefined) {
        throw new MillraceError(
          'PROCESSOR_MISSING',
          `No processor takes ${path}. Processors must match alike everywhere.`,
        )
      }
      const result = processor.process(input)
      const output = result instanceof Promise ? await result : result
      const record = recordLine(path, hash, output, processor)
      if (processor.highlights !== undefined) {
        for (const one of checkedHighlights(index, processor.highlights(output, file), processor)) highlights.push(one)
      }
      waitingChars += record.length
      delivered.push({ index, hash, record, ms: performance.now() - started, bytes, stamp })
    } catch (error) {
      if (isOfTheProcess(error)) throw error
      failed.push(fileFailure(index, error, performance.now() - started))
    }
  }
  await report(files.length)
}

/** Tells the processors that want to know which files are theirs. A batch in which a file may be poison is done one by one. */
async function beginBatch({ files, cautious }: Assignment, { root, processors }: ProcessingContext): Promise<void> {
  if (cautious || processors.every(({ begin }) => begin === undefined)) return
  try {
    const unread = files.filter(({ knownHash }) => knownHash === undefined || knownHash === null)
    const taken = Map.groupBy(unread, (file) => processorFor(processors, file))
    for (const [processor, theirs] of taken) await processor?.begin?.(theirs, root)
  } catch {
    // Whatever it was, it comes up again where it is some file's failure.
  }
}

/** What a grammar's memory holds once it broke down nobody knows: what it gives afterwards would be believed. */
function isOfTheProcess(error: unknown): boolean {
  return error instanceof MillraceError && error.code === 'GRAMMAR_ABORTED'
}
