import { fileURLToPath } from 'node:url'
import { describe, expect, test } from 'vitest'
import { createOptimalBatches, executeParallelBatches, processBatch } from '../src/process-batches.ts'
import { found, temporaryFolder, writeTree } from './tree.ts'

const BY_NAME = fileURLToPath(new URL('./fixtures/processors/by-name.ts', import.meta.url))

function setUp(names: readonly string[]) {
  const root = writeTree(
    temporaryFolder(),
    Object.fromEntries(names.map((name, index) => [name, 'x'.repeat(index + 1)])),
  )
  return { root, files: names.map((name) => found(root, name)) }
}

const names = (count: number) => Array.from({ length: count }, (_, index) => `f${index}.js`)

describe('processBatch', () => {
  test('a closure runs here: every file is delivered with its record, or quarantined with its reason', async () => {
    const { root, files } = setUp([...names(5), 'bad.js'])
    const [batch] = createOptimalBatches(files, { workerCount: 1 })
    const result = await processBatch(
      batch!,
      ({ file, bytes }) => {
        if (file.path === 'bad.js') throw new RangeError('not this one')
        return { size: bytes.length }
      },
      { root },
    )
    expect(result).toMatchObject({ batchId: batch!.batchId, successCount: batch!.files.length - 1, failureCount: 1 })
    expect(result.quarantined).toMatchObject([
      {
        file: { path: 'bad.js' },
        code: 'PROCESSOR_FAILED',
        attempts: 1,
        message: expect.stringMatching(/RangeError: not this one/),
      },
    ])
    for (const { file, record } of result.delivered) {
      expect(JSON.parse(record)).toMatchObject({ path: file.path, size: file.size })
    }
  })

  test('a module runs isolated: what kills its process costs one file', async () => {
    const { root, files } = setUp([...names(20), 'exit.js'])
    const batch = { batchId: 7, files, totalSize: 0, estimatedMs: 0, priority: 1 as const, createdAt: 0 }
    const result = await processBatch(batch, BY_NAME, { root })
    expect(result).toMatchObject({ batchId: 7, successCount: 20, failureCount: 1 })
    expect(result.quarantined).toMatchObject([{ file: { path: 'exit.js' }, code: 'WORKER_CRASHED' }])
    expect(result.attempts.map(({ attempt }) => attempt)).toEqual([1, 2])
  })

  test('a batch without files is done', async () => {
    const batch = { batchId: 0, files: [], totalSize: 0, estimatedMs: 0, priority: 1 as const, createdAt: 0 }
    expect(await processBatch(batch, 'syntax')).toMatchObject({ successCount: 0, failureCount: 0, delivered: [] })
  })
})

describe('executeParallelBatches', () => {
  test('sums up over the batches, in the order they were given', async () => {
    const { root, files } = setUp([...names(60), 'throw.js', 'cyclic.js'])
    const batches = createOptimalBatches(files, { batchSize: 10, workerCount: 2 })
    const result = await executeParallelBatches(batches, 2, BY_NAME, { root })
    expect(result).toMatchObject({
      successCount: 60,
      failureCount: 2,
      failures: { PROCESSOR_FAILED: 1, RECORD_INVALID: 1 },
    })
    expect(result.batches.map(({ batchId }) => batchId)).toEqual(batches.map(({ batchId }) => batchId))
    expect(result.utilisation).toBeGreaterThan(0)
    expect(result.utilisation).toBeLessThanOrEqual(1)
    expect(result.filesPerSecond).toBeGreaterThan(0)
  })

  test('several closures run at once where they wait', async () => {
    const { root, files } = setUp(names(4))
    const batches = createOptimalBatches(files, { batchSize: 1 })
    let running = 0
    let most = 0
    const { promise: all, resolve } = Promise.withResolvers<void>()
    await executeParallelBatches(
      batches,
      4,
      async () => {
        running++
        most = Math.max(most, running)
        if (running === 4) resolve()
        await all
        return {}
      },
      { root },
    )
    expect(most).toBe(4)
  })

  test.each([
    ['PROCESSOR_UNKNOWN', 'sintax', {}],
    ['OPTION_INVALID', 'syntax', { timeoutSeconds: -1 }],
  ])('%s is told', async (code, processor, options) => {
    const { root, files } = setUp(names(1))
    const batches = createOptimalBatches(files)
    await expect(executeParallelBatches(batches, 1, processor, { root, ...options })).rejects.toMatchObject({ code })
  })

  test('two batches of one number are refused', async () => {
    const { files } = setUp(names(1))
    const [batch] = createOptimalBatches(files)
    await expect(executeParallelBatches([batch!, batch!], 1, () => ({}))).rejects.toMatchObject({ code: 'BATCH_TWICE' })
  })
})
