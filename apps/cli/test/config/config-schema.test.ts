import { BatchPriority } from '@millrace/files'
import { describe, expect, it } from 'vitest'
import { checkConfig, checkRuntimeConfig, levelOf } from '../../src/config/config-schema.ts'

function faultsOf(value: unknown): readonly string[] {
  const checked = checkConfig(value)
  return checked.ok ? [] : checked.faults
}

describe('a configuration', () => {
  it('may hold every field of the engine, and profiles', () => {
    const priority = () => BatchPriority.LOW
    const sink = { name: 'none', extension: '.txt', open: () => undefined }
    const strategy = { name: 'mine', plan: () => [] }
    const files = {
      dir: 'src',
      batchSize: 100,
      maxConcurrentBatches: 2,
      workerCount: 2,
      memoryLimitMb: 1024,
      checkpointInterval: 100,
      retryAttempts: 0,
      timeoutSeconds: 0.5,
      workerHeapMb: 64,
      recycleAfterFiles: 1,
      recycleAboveMb: 64,
      workerMemoryMb: 64,
      maxPauseSeconds: 0,
      reuse: 'hash',
      cpuProfDir: 'profiles',
      maxFileBytes: 1,
      discover: { include: ['*.ts'], exclude: [], hidden: true, vendor: false, gitignore: false, followSymlinks: true },
      priority,
      strategy,
      processors: ['syntax'],
      sink,
      out: 'out.jsonl',
      stateDir: '.state',
    }
    const checked = checkConfig({ files, profiles: { quick: { files: { sink: null } }, empty: {} } })
    expect(checked).toEqual({ ok: true, config: { files, profiles: { quick: { files: { sink: null } }, empty: {} } } })
  })

  it('names priorities by word or number', () => {
    const checked = checkConfig({
      files: {
        priority: [
          { priority: 'high', glob: 'src/**' },
          { priority: 0, minBytes: 9 },
        ],
      },
    })
    expect(checked).toMatchObject({
      config: {
        files: {
          priority: [
            { priority: BatchPriority.HIGH, glob: 'src/**' },
            { priority: 0, minBytes: 9 },
          ],
        },
      },
    })
    expect(levelOf('toString')).toBeUndefined()
    expect(levelOf(4)).toBeUndefined()
  })

  it.each<[string, unknown, string]>([
    ['a typo', { files: { workerCont: 2 } }, 'files.workerCont is no known field. Did you mean workerCount?'],
    ['a stranger', { files: { zebra: 2 } }, 'files.zebra is no known field'],
    ['a typo at the top', { file: {} }, 'file is no known field. Did you mean files?'],
    [
      'a wrong type',
      { files: { workerCount: '2' } },
      'files.workerCount must be a whole number from 1 to 1024, got "2"',
    ],
    ['out of bounds', { files: { batchSize: 0 } }, 'files.batchSize must be a whole number from 1 to 5000, got 0'],
    [
      'a fraction',
      { files: { retryAttempts: 1.5 } },
      'files.retryAttempts must be a whole number from 0 to 100, got 1.5',
    ],
    ['no section', { files: 7 }, 'files must be an object, got 7'],
    ['no object', [], 'the default export must be an object, got a list'],
    ['nothing exported', undefined, 'the default export must be an object, got undefined'],
    ['in a list', { files: { discover: { include: ['a', 7] } } }, 'files.discover.include[1] must be some text, got 7'],
    [
      'a glob',
      { files: { discover: { include: ['*.ts', '['] } } },
      'files.discover.include[1] is "[", which has a [ that is never closed; write \\[ where it means itself',
    ],
    ['no list', { files: { processors: 'syntax' } }, 'files.processors must be a list, got "syntax"'],
    ['a switch', { files: { discover: { hidden: 'yes' } } }, 'files.discover.hidden must be true or false, got "yes"'],
    [
      'a level',
      { files: { priority: [{ priority: 'URGENT' }] } },
      'files.priority[0].priority must be LOW, MEDIUM, HIGH or CRITICAL, got "URGENT"',
    ],
    ['no level', { files: { priority: [{ glob: '*' }] } }, 'files.priority[0].priority is missing'],
    ['an empty text', { files: { out: '' } }, 'files.out must be some text, got ""'],
    ['a sink', { files: { sink: 7 } }, "files.sink must be a sink's name, what defineSink gives, or null, got 7"],
    [
      'a strategy',
      { files: { strategy: 'mine' } },
      'files.strategy must be what defineBatchStrategy gives, got "mine"',
    ],
    ['a kind of reuse', { files: { reuse: 'all' } }, 'files.reuse must be stamp, hash or none, got "all"'],
    [
      'in a profile',
      { profiles: { quick: { files: { retryAttempts: -1 } } } },
      'profiles.quick.files.retryAttempts must be a whole number from 0 to 100, got -1',
    ],
  ])('is refused for %s', (_, value, fault) => expect(faultsOf(value)).toEqual([fault]))

  it('may change while a job runs, in part', () => {
    expect(checkRuntimeConfig({ workerCount: 4, timeoutSeconds: 0.5 })).toEqual({
      ok: true,
      config: { workerCount: 4, timeoutSeconds: 0.5 },
    })
    expect(checkRuntimeConfig({ workerCont: 4 })).toEqual({
      ok: false,
      faults: ['workerCont is no known field. Did you mean workerCount?'],
    })
    expect(checkRuntimeConfig({ stateDir: 'x' })).toMatchObject({ ok: false })
    expect(checkRuntimeConfig('4')).toEqual({ ok: false, faults: ['the configuration must be an object, got "4"'] })
  })

  it('tells all faults at once', () => {
    expect(faultsOf({ files: { workerCount: 0, batchsize: 1 } })).toHaveLength(2)
  })
})
