import { relative, resolve, sep } from 'node:path'
import type { QuarantineRow } from '@millrace/files'
import { MillraceError } from '@millrace/kernel/errors'
import { didYouMean } from '../config/did-you-mean.ts'

/**
 * Finds quarantined files by the paths a user types: as they are listed, below the job's folder, or as they are from `cwd`.
 * @throws {MillraceError} `QUARANTINE_UNKNOWN` naming the paths that are not in quarantine.
 */
export function findQuarantined(
  rows: readonly QuarantineRow[],
  paths: readonly string[],
  { cwd, root }: { readonly cwd: string; readonly root: string },
): readonly QuarantineRow[] {
  const byPath = new Map(rows.map((row) => [row.path, row]))
  const unknown: string[] = []
  const found = new Set<QuarantineRow>()
  for (const path of paths) {
    const row = byPath.get(path) ?? byPath.get(relative(root, resolve(cwd, path)).replaceAll(sep, '/'))
    if (row === undefined) unknown.push(path)
    else found.add(row)
  }
  if (unknown.length === 0) return [...found]
  const [first = ''] = unknown
  const names = unknown.map((path) => JSON.stringify(path)).join(', ')
  throw new MillraceError(
    'QUARANTINE_UNKNOWN',
    `${names} ${unknown.length === 1 ? 'is' : 'are'} not in quarantine.${didYouMean(first, [...byPath.keys()])}`,
    { detail: { paths: unknown } },
  )
}
