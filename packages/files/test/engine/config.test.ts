import { describe, expect, test } from 'vitest'
import { type BatchConfig, resolveConfig } from '../../src/engine/config.ts'

const machine = { cores: 6, memoryMb: 16_000 }
const resolve = (config: BatchConfig = {}) => resolveConfig(config, machine, '/work')

describe('resolveConfig', () => {
  test('the defaults follow the machine', () => {
    expect(resolve()).toMatchObject({
      workerCount: 6,
      maxConcurrentBatches: 6,
      memoryLimitMb: 4000,
      workerHeapMb: 666,
      batchSize: 200,
      minBatchSize: 50,
      maxBatchSize: 500,
      checkpointInterval: 1000,
      retryAttempts: 3,
      timeoutSeconds: 30,
      processors: ['syntax', 'ast-json'],
      out: '/work/millrace-results.jsonl',
      stateDir: '/work/.millrace',
    })
    expect(resolveConfig({}, { cores: 1, memoryMb: 500 }, '/').memoryLimitMb).toBe(1024)
  })

  test('a batch size that is named is the largest there will be', () => {
    expect(resolve({ batchSize: 300 })).toMatchObject({ batchSize: 300, minBatchSize: 50, maxBatchSize: 300 })
    expect(resolve({ batchSize: 10 })).toMatchObject({ batchSize: 10, minBatchSize: 10, maxBatchSize: 10 })
  })

  test('no sink, no output', () => {
    expect(resolve({ sink: null, out: 'x' })).toMatchObject({ sink: null, out: null })
  })

  test.each<[BatchConfig, RegExp]>([
    [{ workerCount: 0 }, /workerCount must be an integer .*1.*not 0/],
    [{ workerCount: 1.5 }, /workerCount .*1\.5/],
    [{ memoryLimitMb: 10 }, /memoryLimitMb .*256.*10/],
    [{ timeoutSeconds: 0 }, /timeoutSeconds .*0\.05.*0/],
    [{ timeoutSeconds: Number.NaN }, /timeoutSeconds .*NaN/],
    [{ checkpointInterval: -1 }, /checkpointInterval/],
    [{ retryAttempts: 101 }, /retryAttempts/],
    [{ batchSize: '20' as never }, /batchSize .*"20"/],
    [{ worker_count: 3 } as BatchConfig, /no field "worker_count"\. It has: batchSize/],
  ])('%j is refused with field and value', (config, message) => {
    expect(() => resolve(config)).toThrow(expect.objectContaining({ code: 'OPTION_INVALID' }))
    expect(() => resolve(config)).toThrow(message)
  })

  test('an unknown sink is refused by name', () => {
    expect(() => resolve({ sink: 'jsonn' })).toThrow(expect.objectContaining({ code: 'SINK_UNKNOWN' }))
  })
})
