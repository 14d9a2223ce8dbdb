import { BatchPriority } from '@millrace/files'
import { describe, expect, it } from 'vitest'
import { readChoice, readNumber, readText } from '../../src/config/flag-values.ts'
import { limits } from '../../src/config/limits.ts'
import { configOfFlags, queueOf, readLevel, readPriority } from '../../src/config/run-flags.ts'

describe('flags as configuration', () => {
  it('say nothing of what was not given', () => {
    expect(configOfFlags({})).toEqual({})
    expect(configOfFlags({ gitignore: true, json: true, config: 'x', profile: 'y' })).toEqual({})
  })

  it('map to the fields of the engine', () => {
    const config = configOfFlags({
      processor: ['syntax', './mine.ts'],
      sink: 'jsonl',
      out: 'out.jsonl',
      workers: 2,
      memory: 512,
      deadline: 1.5,
      batchSize: 50,
      include: ['*.ts'],
      exclude: ['dist/**'],
      hidden: true,
      vendor: true,
      gitignore: false,
      followSymlinks: true,
      priority: ['HIGH:src/**', 'low:*.json'],
    })
    expect(config).toEqual({
      processors: ['syntax', './mine.ts'],
      sink: 'jsonl',
      out: 'out.jsonl',
      workerCount: 2,
      memoryLimitMb: 512,
      timeoutSeconds: 1.5,
      batchSize: 50,
      discover: {
        include: ['*.ts'],
        exclude: ['dist/**'],
        hidden: true,
        vendor: true,
        gitignore: false,
        followSymlinks: true,
      },
      priority: [
        { priority: BatchPriority.HIGH, glob: 'src/**' },
        { priority: BatchPriority.LOW, glob: '*.json' },
      ],
    })
    expect(configOfFlags({ sink: 'none' })).toEqual({ sink: null })
    expect(configOfFlags({ maxPause: 5, cpuProf: true, verify: true })).toEqual({
      maxPauseSeconds: 5,
      cpuProfDir: 'millrace-profiles',
      reuse: 'hash',
    })
    expect(configOfFlags({ cpuProf: 'p', fresh: true })).toEqual({ cpuProfDir: 'p', reuse: 'none' })
    expect(() => configOfFlags({ verify: true, fresh: true })).toThrow(
      expect.objectContaining({ code: 'FLAG_INVALID' }),
    )
  })

  it('say at which level a job waits for the ledger', () => {
    expect(queueOf({})).toBeUndefined()
    expect(queueOf({ queue: true })).toBe(BatchPriority.MEDIUM)
    expect(queueOf({ queue: readLevel('--queue', 'high') })).toBe(BatchPriority.HIGH)
    expect(() => readLevel('--queue', 'tree')).toThrow(
      '--queue must be a level of LOW, MEDIUM, HIGH, CRITICAL, got "tree".',
    )
  })
})

describe('flag values', () => {
  it.each(['4', ' 4', '4.0', '4e0', '+4'])('reads %j as a number', (text) => {
    expect(readNumber('--workers', limits.workerCount, text)).toBe(4)
  })

  it.each(['', 'x', '4 GB', '0', '-1', '1.5', '1025', '0x10', 'Infinity', 'NaN'])(
    'refuses %j for --workers',
    (text) => {
      expect(() => readNumber('--workers', limits.workerCount, text)).toThrow(
        expect.objectContaining({
          code: 'FLAG_INVALID',
          message: `--workers must be a whole number from 1 to 1024, got ${JSON.stringify(text)}.`,
        }),
      )
    },
  )

  it.each(['src/**', 'URGENT:src/**', 'HIGH:', ':src', ''])('refuses %j for --priority', (text) => {
    expect(() => readPriority(text)).toThrow(expect.objectContaining({ code: 'FLAG_INVALID' }))
  })

  it('reads words of a set, and texts that are not empty', () => {
    expect(readChoice('--log-level', ['warn', 'info'], 'info')).toBe('info')
    expect(() => readChoice('--log-level', ['warn', 'info'], 'loud')).toThrow(
      '--log-level must be one of warn, info, got "loud".',
    )
    expect(readText('dir', 'a folder', 'src')).toBe('src')
    expect(() => readText('dir', 'a folder', '')).toThrow('dir must be a folder, got "".')
  })
})
