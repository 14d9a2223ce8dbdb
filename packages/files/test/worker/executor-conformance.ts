import { describe, expect, test } from 'vitest'
import type { DiscoveredFile } from '../../src/file.ts'
import type { AssignedFile, Executor, ExecutorReport } from '../../src/worker/executor.ts'

export interface ExecutorBench {
  readonly executor: Executor
  /** Files that the processor takes and that exist, in a folder the executor works on. */
  readonly files: readonly DiscoveredFile[]
  /** A file that is not there. */
  readonly missing: DiscoveredFile
}

export async function reportsOf(
  executor: Executor,
  files: readonly AssignedFile[],
  cautious = false,
  assignmentId = 1,
) {
  const reports: ExecutorReport[] = []
  const end = await executor.run({ assignmentId, files, cautious }, (report) => void reports.push(report))
  return {
    end,
    reports,
    delivered: reports.flatMap((report) => report.delivered),
    confirmed: reports.flatMap((report) => report.confirmed),
    failed: reports.flatMap((report) => report.failed),
  }
}

/** What every executor promises, wherever it processes files. */
export function executorConformance(name: string, setUp: () => Promise<ExecutorBench>): void {
  describe(`${name} is an executor`, () => {
    test('delivers every file once, in order, each with hash and record', async () => {
      const { executor, files } = await setUp()
      const { end, delivered, failed, reports } = await reportsOf(executor, files)
      expect(end).toEqual({ done: true })
      expect(failed).toEqual([])
      expect(delivered.map(({ index }) => index)).toEqual(files.map((_, index) => index))
      for (const { index, hash, record, bytes } of delivered) {
        expect(hash).toMatch(/^[0-9a-f]{64}$/)
        expect(JSON.parse(record)).toMatchObject({ path: files[index]!.path, hash })
        expect(bytes).toBe(files[index]!.size)
      }
      expect(reports.at(-1)!.next).toBe(files.length)
      await executor.close()
    })

    test('a file that fails harms no neighbour', async () => {
      const { executor, files, missing } = await setUp()
      const { end, delivered, failed } = await reportsOf(executor, [...files, missing, ...files])
      expect(end).toEqual({ done: true })
      expect(delivered).toHaveLength(files.length * 2)
      expect(failed).toMatchObject([{ index: files.length, code: 'FILE_VANISHED', transient: false }])
      await executor.close()
    })

    test('confirms a file that has the contents of its kept result', async () => {
      const { executor, files } = await setUp()
      const { delivered } = await reportsOf(executor, files)
      const kept = files.map((file, index) => ({ ...file, knownHash: index === 0 ? null : delivered[index]!.hash }))
      const again = await reportsOf(executor, kept, false, 2)
      expect(again.end).toEqual({ done: true })
      expect(again.delivered.map(({ index }) => index)).toEqual([0])
      expect(again.confirmed.map(({ index }) => index)).toEqual(files.map((_, index) => index).slice(1))
      await executor.close()
    })

    test('a cautious run announces every file before it is begun', async () => {
      const { executor, files } = await setUp()
      const { reports } = await reportsOf(executor, files, true)
      expect(reports.map(({ next }) => next)).toEqual([...files.map((_, index) => index), files.length])
      await executor.close()
    })

    test('takes one assignment after another, and says which a report is for', async () => {
      const { executor, files } = await setUp()
      for (const assignmentId of [1, 2, 3]) {
        const { reports } = await reportsOf(executor, files, false, assignmentId)
        expect(new Set(reports.map((report) => report.assignmentId))).toEqual(new Set([assignmentId]))
      }
      await executor.close()
    })

    test('an assignment without files is done at once', async () => {
      const { executor } = await setUp()
      expect((await reportsOf(executor, [])).end).toEqual({ done: true })
      await executor.close()
    })
  })
}
