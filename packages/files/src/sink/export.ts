import { hash } from 'node:crypto'
import { stat } from 'node:fs/promises'
import { isAbsolute, resolve } from 'node:path'
import { MillraceError } from '@millrace/kernel/errors'
import type { Ledger } from '../ledger/ledger.ts'
import type { Sink, SinkWriter } from './sink.ts'
import { targetOf } from './target.ts'

const PAGE_ROWS = 2000
const PAGE_BYTES = 1024 * 1024

/** What an export asks of a ledger. */
export type ExportedLedger = Pick<Ledger, 'books' | 'results'>

export interface ExportOutcome {
  readonly rows: number
  /** Size of the file at the target, 0 where the sink leaves none there. */
  readonly bytes: number
}

export interface ExportOptions {
  /** The ledger's folder; names the export's temporary file, so that the next one clears away what a killed one left. */
  readonly stateDir?: string
  /** Breaks the export off; nothing is then at the target. */
  readonly signal?: AbortSignal
  /** Rows that the ledger has just counted; otherwise they are counted here. */
  readonly rows?: number
}

/**
 * Writes a job's results through `sink` to `out`, in byte order of their paths: the same results give the same output.
 *
 * Holds two pages of about 1 MB at a time, the next being read while one is written. Ends with the sink's `commit`; a failure or an abort ends
 * with its `abort` and throws.
 * @throws {MillraceError} `EXPORT_INCOMPLETE` where the ledger gave fewer rows than it counts, and what the sink throws; the signal's
 * reason when aborted.
 */
export async function exportResults(
  ledger: ExportedLedger,
  jobId: string,
  sink: Sink,
  out: string,
  options: ExportOptions = {},
): Promise<ExportOutcome> {
  const { stateDir = '', signal } = options
  signal?.throwIfAborted()
  const expected = options.rows ?? (await ledger.books(jobId)).delivered
  const target = targetOf(sink, out, process.cwd())
  const writer = await sink.open({ out: target, jobId, rows: expected, temporaryName: temporaryName(stateDir, target) })
  try {
    const rows = await copy(ledger, jobId, writer, signal)
    if (rows < expected) {
      throw new MillraceError(
        'EXPORT_INCOMPLETE',
        `Job ${jobId} has ${expected} results, but the ledger gave ${rows}. Nothing was exported; the ledger is damaged: restore it from a copy, or run again with another --state DIR.`,
        { detail: { jobId, expected, rows } },
      )
    }
    await writer.commit()
    return { rows, bytes: isAbsolute(target) ? await sizeOf(target) : 0 }
  } catch (error) {
    await writer.abort()
    throw error
  }
}

/** Names the temporary file for ledger and target: whoever owns the ledger owns it. */
export function temporaryName(stateDir: string, target: string): string {
  return `.millrace-${hash('sha256', `${resolve(stateDir)}\n${target}`, 'hex').slice(0, 12)}.tmp`
}

async function copy(ledger: ExportedLedger, jobId: string, writer: SinkWriter, signal?: AbortSignal): Promise<number> {
  let rows = 0
  let page = await ledger.results(jobId, undefined, PAGE_ROWS, PAGE_BYTES)
  while (page.length > 0) {
    signal?.throwIfAborted()
    const next = ledger.results(jobId, page.at(-1)?.path, PAGE_ROWS, PAGE_BYTES)
    // Awaited below; should the write fail first, its failure is the one to tell.
    next.catch(() => {})
    await writer.write(page)
    rows += page.length
    page = await next
  }
  return rows
}

async function sizeOf(path: string): Promise<number> {
  const found = await stat(path).catch(() => undefined)
  return found?.isFile() ? found.size : 0
}
