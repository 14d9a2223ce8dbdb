import { expect } from 'vitest'
import type { ChildExecutorOptions } from '../../src/worker/child-executor.ts'
import type { ExecutorDeath, FileFailed } from '../../src/worker/executor.ts'
import { found, temporaryFolder, writeTree } from '../tree.ts'
import { childOver, MISBEHAVING } from './child-over.ts'
import { reportsOf } from './executor-conformance.ts'

export interface RunThrough {
  readonly root: string
  /** Records by path. */
  readonly delivered: ReadonlyMap<string, Record<string, unknown>>
  readonly failed: ReadonlyMap<string, FileFailed>
  /** How workers died, by the file in hand. */
  readonly deaths: ReadonlyMap<string, ExecutorDeath>
}

/**
 * Takes files through worker processes, one after another, as an engine would: after a death a new process goes on
 * behind the file in hand. No file may be counted twice.
 */
export async function runThrough(
  paths: readonly string[],
  changes: Partial<ChildExecutorOptions> = {},
  contents: Readonly<Record<string, string | Uint8Array>> = {},
): Promise<RunThrough> {
  const root = writeTree(temporaryFolder(), {
    ...Object.fromEntries(paths.map((path) => [path, `contents of ${path}`])),
    ...contents,
  })
  const delivered = new Map<string, Record<string, unknown>>()
  const failed = new Map<string, FileFailed>()
  const deaths = new Map<string, ExecutorDeath>()
  let files = paths.map((path) => found(root, path))
  while (files.length > 0) {
    const executor = childOver(root, { processors: [MISBEHAVING], ...changes })
    const run = await reportsOf(executor, files, true)
    for (const { index, record } of run.delivered) {
      expect(delivered.has(files[index]!.path), `${files[index]!.path} is counted once`).toBe(false)
      delivered.set(files[index]!.path, JSON.parse(record))
    }
    for (const failure of run.failed) failed.set(files[failure.index]!.path, failure)
    await executor.close()
    if (run.end.done) break
    const { next } = run.reports.at(-1)!
    deaths.set(files[next]!.path, run.end.death)
    files = files.slice(next + 1)
  }
  return { root, delivered, failed, deaths }
}

/** As {@link runThrough}, for a file with its neighbours, which must come to no harm. */
export async function besideNeighbours(
  path: string,
  changes: Partial<ChildExecutorOptions> = {},
  contents: Readonly<Record<string, string | Uint8Array>> = {},
): Promise<RunThrough> {
  const run = await runThrough(['a.js', path, 'z.js'], changes, contents)
  for (const neighbour of ['a.js', 'z.js']) {
    expect(run.delivered.get(neighbour)).toMatchObject({ path: neighbour })
    expect(run.failed.has(neighbour) || run.deaths.has(neighbour)).toBe(false)
  }
  return run
}
