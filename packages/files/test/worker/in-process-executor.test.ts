import { systemClock, VirtualClock } from '@millrace/kernel'
import { expect, test } from 'vitest'
import { InProcessExecutor } from '../../src/worker/in-process-executor.ts'
import { discovered } from '../discovered.ts'
import { found, temporaryFolder, writeTree } from '../tree.ts'
import { executorConformance, reportsOf } from './executor-conformance.ts'

const place = { clock: systemClock, maxFileBytes: 1e6, deadlineMs: () => 1000 }

executorConformance('InProcessExecutor', async () => {
  const root = writeTree(temporaryFolder(), { 'a.js': 'a', 'b/c.js': 'bc', 'd.js': '' })
  const executor = new InProcessExecutor({ ...place, root, processor: ({ bytes }) => ({ size: bytes.length }) })
  const files = ['a.js', 'b/c.js', 'd.js'].map((path) => found(root, path))
  return { executor, files, missing: discovered('gone.js') }
})

test('an asynchronous closure that outlasts the deadline fails its file', async () => {
  const root = writeTree(temporaryFolder(), { 'a.js': 'a', 'slow.js': 'b' })
  const clock = new VirtualClock()
  const executor = new InProcessExecutor({
    ...place,
    clock,
    root,
    processor: ({ file }) => {
      if (file.path !== 'slow.js') return { fine: true }
      queueMicrotask(() => clock.advance(1000))
      return new Promise(() => {})
    },
  })
  const { delivered, failed } = await reportsOf(
    executor,
    ['slow.js', 'a.js'].map((path) => found(root, path)),
  )
  expect(failed).toMatchObject([{ index: 0, code: 'FILE_DEADLINE', transient: false }])
  expect(delivered.map(({ index }) => index)).toEqual([1])
})
