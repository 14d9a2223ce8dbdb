import { fileURLToPath } from 'node:url'
import { describe, expect, test } from 'vitest'
import { discovered } from '../discovered.ts'
import { found, temporaryFolder, writeTree } from '../tree.ts'
import { childOver } from './child-over.ts'
import { executorConformance, reportsOf } from './executor-conformance.ts'

const THROWS_ON_LOAD = fileURLToPath(new URL('../fixtures/processors/throws-on-load.ts', import.meta.url))

executorConformance('ChildExecutor', async () => {
  const root = writeTree(temporaryFolder(), { 'a.js': 'a', 'b/c.js': 'bc', 'd.js': '' })
  const files = ['a.js', 'b/c.js', 'd.js'].map((path) => found(root, path))
  return { executor: childOver(root), files, missing: discovered('gone.js') }
})

describe('ChildExecutor', () => {
  test.each([
    ['exit.js', 'crashed', 'exited with code 7', { exitCode: 7 }],
    ['orphan.js', 'crashed', 'exited with code 8', { exitCode: 8 }],
    ['segv.js', 'crashed', 'was killed by SIGSEGV', { signal: 'SIGSEGV' }],
    ['abort.js', 'crashed', 'was killed by SIGABRT', { signal: 'SIGABRT' }],
    ['leak.js', 'memory', 'ran out of its heap of 64 MB', { signal: 'SIGABRT', heapMb: 64 }],
  ])(
    'the death by %s is told, with its evidence, and what came before it stands',
    async (killer, reason, detail, evidence) => {
      const root = writeTree(temporaryFolder(), { 'a.js': 'a', [killer]: 'x', 'z.js': 'z' })
      const executor = childOver(root)
      const files = ['a.js', killer, 'z.js'].map((path) => found(root, path))
      const { end, delivered, reports } = await reportsOf(executor, files, true)
      expect(end).toMatchObject({
        done: false,
        death: { reason, detail: `The worker process ${detail}`, evidence },
      })
      expect(delivered.map(({ index }) => index)).toEqual([0])
      expect(reports.at(-1)!.next).toBe(1)
      expect((await reportsOf(executor, files)).end).toMatchObject({ done: false })
    },
  )

  test.each(['hang.js', 'wait.js'])('%s, which never ends, is ended at the deadline', async (slow) => {
    const root = writeTree(temporaryFolder(), { 'a.js': 'a', [slow]: 'x' })
    const executor = childOver(root, { deadlineMs: () => 1000 })
    const { end, delivered } = await reportsOf(
      executor,
      ['a.js', slow].map((path) => found(root, path)),
      true,
    )
    expect(end).toMatchObject({ done: false, death: { reason: 'deadline', evidence: { signal: 'SIGKILL' } } })
    expect(delivered.map(({ index }) => index)).toEqual([0])
  })

  test('each file is processed in another process than this one', async () => {
    const root = writeTree(temporaryFolder(), { 'pid.js': '' })
    const executor = childOver(root)
    const { delivered } = await reportsOf(executor, [found(root, 'pid.js')])
    const { pid } = JSON.parse(delivered[0]!.record) as { pid: number }
    expect(pid).toBe(executor.usage().pid)
    expect(pid).not.toBe(process.pid)
  })

  test('is worn after its share of files', async () => {
    const root = writeTree(temporaryFolder(), { 'a.js': 'a' })
    const executor = childOver(root, { recycleAfterFiles: 3 })
    const file = found(root, 'a.js')
    await reportsOf(executor, [file, file])
    expect(executor.worn).toBe(false)
    await reportsOf(executor, [file])
    expect(executor.worn).toBe(true)
  })

  test('is worn when it holds too much memory', async () => {
    const root = writeTree(temporaryFolder(), { 'a.js': 'a' })
    const executor = childOver(root, { recycleAboveMb: 1 })
    await reportsOf(executor, [found(root, 'a.js')])
    expect(executor.worn).toBe(true)
    expect(executor.usage().rssMb).toBeGreaterThan(10)
  })

  test('a processor that cannot be loaded is told, before and after work was asked for', async () => {
    const root = temporaryFolder()
    const executor = childOver(root, { processors: [THROWS_ON_LOAD] })
    const refusal = { code: 'PROCESSOR_LOAD_FAILED', message: expect.stringContaining('this module cannot be loaded') }
    await expect(reportsOf(executor, [discovered('a.js')])).rejects.toMatchObject(refusal)
    await expect(reportsOf(executor, [discovered('a.js')])).rejects.toMatchObject(refusal)
  })

  test.each([
    ['cyclic.js', 'RECORD_INVALID', /is not plain JSON/],
    ['number.js', 'RECORD_INVALID', /gave number/],
    ['key.js', 'RECORD_INVALID', /the key "path" or "hash"/],
    ['throw.js', 'PROCESSOR_FAILED', /TypeError: this file makes the processor throw/],
  ])('%s fails with %s', async (path, code, message) => {
    const root = writeTree(temporaryFolder(), { [path]: '', 'a.js': '' })
    const { delivered, failed } = await reportsOf(childOver(root), [found(root, path), found(root, 'a.js')])
    expect(failed).toMatchObject([{ index: 0, code, message: expect.stringMatching(message), transient: false }])
    expect(delivered.map(({ index }) => index)).toEqual([1])
  })

  test('what a processor prints is handed on, line by line', async () => {
    const root = writeTree(temporaryFolder(), { 'shout.js': '' })
    const lines: string[] = []
    const executor = childOver(root, { onOutput: (line) => lines.push(line) })
    await reportsOf(executor, [found(root, 'shout.js')])
    await executor.close()
    expect(lines).toEqual([`shouting about ${root}/shout.js`])
  })
})
