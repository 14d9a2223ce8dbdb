import { lstat, realpath, rm } from 'node:fs/promises'
import { dirname, isAbsolute, join } from 'node:path'
import type { JobSpec, Ledger } from '../ledger/ledger.ts'
import { stampOf } from '../stamp.ts'
import { type ExportedLedger, exportResults, temporaryName } from './export.ts'
import { BUILT_IN_SINKS } from './resolve-sink.ts'
import type { Sink } from './sink.ts'

/** An export to be made where it is needed. */
export interface ExportOrder {
  readonly ledger: ExportedLedger & Pick<Ledger, 'recall' | 'remember' | 'revision'>
  readonly jobId: string
  /** The ledger's folder. */
  readonly stateDir: string
  /** Tells the tree from others in the ledger, see {@link treeKey}. */
  readonly tree: string
  readonly sink: Sink
  readonly out: string
  readonly signal: AbortSignal
  /** Told when it is needed, before it begins, with the rows that it will have. */
  readonly onStart: (rows: number) => void
}

/**
 * Writes a job's results to `out`, unless they are what is there: the output has not been touched since the last export, and the results
 * are the same. Gives whether it wrote.
 *
 * A sink that a user defined may have changed with its code, so that its exports are always made anew.
 * @throws as {@link exportResults} does.
 */
export async function exportUnlessCurrent(order: ExportOrder): Promise<boolean> {
  const { ledger, jobId, stateDir, sink, out, signal, onStart } = order
  const key = `export ${out}`
  const last = BUILT_IN_SINKS.includes(sink) ? await ledger.recall(key) : undefined
  if (last !== undefined && last === (await describe(order))) {
    // What a killed export left is of no use any more.
    await rm(join(dirname(await realpath(out)), temporaryName(stateDir, out)), { force: true })
    return false
  }
  const { delivered: rows } = await ledger.books(jobId)
  onStart(rows)
  await exportResults(ledger, jobId, sink, out, { stateDir, signal, rows })
  const written = await describe(order)
  if (written !== undefined) await ledger.remember(key, written)
  return true
}

/** Tells a tree from others in a ledger, as {@link ExportOrder.tree}. */
export function treeKey(root: string, processors: JobSpec['processors']): string {
  return [root, ...processors.map((tag) => tag.slice(0, tag.lastIndexOf('@')))].join('\n')
}

/** The output's state and what it was made from, or undefined where there is no such file. */
async function describe({ ledger, jobId, tree, sink, out }: ExportOrder): Promise<string | undefined> {
  // A table, or standard output: nobody knows what it has now.
  if (!isAbsolute(out)) return undefined
  const stats = await lstat(out, { bigint: true }).catch(() => undefined)
  if (!stats?.isFile()) return undefined
  const revision = await ledger.revision(jobId)
  return JSON.stringify({ tree, sink: sink.name, revision, size: Number(stats.size), stamp: stampOf(stats) })
}
