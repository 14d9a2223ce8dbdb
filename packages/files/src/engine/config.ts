import { resolve } from 'node:path'
import { MillraceError } from '@millrace/kernel/errors'
import { checkInteger, checkNumber } from '@millrace/kernel/options'
import type { DiscoverOptions } from '../discovery/discovery.ts'
import type { Reuse } from '../ledger/ledger.ts'
import { type BatchStrategy, costStrategy } from '../plan/batch-strategy.ts'
import type { PriorityFunction, PriorityRule } from '../plan/priority.ts'
import { resolveSink } from '../sink/resolve-sink.ts'
import type { Sink } from '../sink/sink.ts'
import { targetOf } from '../sink/target.ts'
import type { Machine } from './machine.ts'

export interface BatchConfig {
  /**
   * Most files in a batch, 1 to 5000; the body of a job uses full batches, its tail shrinking ones. Left out, the engine keeps it
   * between 50 and 500 by the memory there is. @default 200, adapted
   */
  readonly batchSize?: number
  /** Most batches that run at once, 1 to 1024; never more than there are workers. @default `workerCount` */
  readonly maxConcurrentBatches?: number
  /** Worker processes, 1 to 1024. @default the machine's cores */
  readonly workerCount?: number
  /**
   * Memory that the engine and all its workers may hold together, MB, at least 256. Near it, batches shrink and fewer run at
   * once. @default a quarter of the machine's memory, at least 1024
   */
  readonly memoryLimitMb?: number
  /** Most finished files of one batch that wait for their checkpoint, 1 to 100000. A batch's end always is one. @default 1000 */
  readonly checkpointInterval?: number
  /** How often a file is tried again after a failure that may pass, 0 to 100. @default 3 */
  readonly retryAttempts?: number
  /** The deadline of one file, seconds, 0.05 to 86400. A worker that does not answer within it is replaced. @default 30 */
  readonly timeoutSeconds?: number
  /** Heap of one worker process, MB, at least 32. @default 2048, or an equal share of `memoryLimitMb` where that is less */
  readonly workerHeapMb?: number
  /** A worker process is replaced by a fresh one after this many files, at least 1. @default 20000 */
  readonly recycleAfterFiles?: number
  /** A worker process is replaced when it holds this much resident memory at the end of a batch, MB, at least 64. @default 1024 */
  readonly recycleAboveMb?: number
  /** A worker process is ended when it holds this much resident memory while it works, MB, at least 64. @default `memoryLimitMb` */
  readonly workerMemoryMb?: number
  /** The longest that a job waits for a full disk, lacking descriptors or memory to get better, seconds; then it fails, and can be resumed. @default 600 */
  readonly maxPauseSeconds?: number
  /** Files above this size are quarantined unread, bytes. @default 268435456 (256 MB) */
  readonly maxFileBytes?: number
  /** Which files: globs, hidden, vendor, .gitignore. */
  readonly discover?: Omit<DiscoverOptions, 'signal'>
  /** Rules that raise or lower files' priority; the first that matches counts. @default every file is MEDIUM */
  readonly priority?: readonly PriorityRule[] | PriorityFunction
  /** How files become batches. @default by predicted cost, factoring */
  readonly strategy?: BatchStrategy
  /**
   * Processors, the first that matches a file takes it: names of built-in ones (`syntax`, `ast-json`, `chunks:maxTokens=256`, `duplicates`, `licenses`,
   * `command:wc -l {}`) or module specifiers (a path, a `file:` URL, a package). They run in the worker processes. @default ['syntax', 'ast-json']
   */
  readonly processors?: readonly string[]
  /** What makes another record of each processor's, one after the other: module specifiers, see `defineTransform`. @default none */
  readonly transforms?: readonly string[]
  /**
   * In what form results leave the ledger: a built-in sink's name (`jsonl`, `jsonl.zst`, `parquet`, `sqlite`, `postgres`) or a sink. null exports
   * nothing. @default 'jsonl'
   */
  readonly sink?: string | Sink | null
  /**
   * Where the export goes: a file; `-` for standard output; `postgres://user@host/database?table=schema.table` with the sink `postgres`.
   * @default `millrace-results` with the sink's ending, in the current directory
   */
  readonly out?: string
  /**
   * Which kept results stand: those of files whose size, times and inode are what they were (`stamp`); those of files whose
   * contents are (`hash`: every file is read); none of them (`none`). @default 'stamp'
   */
  readonly reuse?: Reuse
  /** Writes a CPU profile of the first worker process into this folder when it ends. @default none is taken */
  readonly cpuProfDir?: string
  /** Where the ledger lies. @default `.millrace` in the current directory */
  readonly stateDir?: string
}

/** The part of {@link BatchConfig} that may change while a job runs. */
export type RuntimeConfig = Pick<
  BatchConfig,
  'batchSize' | 'maxConcurrentBatches' | 'workerCount' | 'memoryLimitMb' | 'retryAttempts' | 'timeoutSeconds'
>

/** A {@link BatchConfig} with every default filled in and every value checked. */
export interface ResolvedConfig {
  /** Bounds that the batch size may move within: equal where the user named one. */
  readonly minBatchSize: number
  readonly maxBatchSize: number
  readonly batchSize: number
  readonly maxConcurrentBatches: number
  readonly workerCount: number
  readonly memoryLimitMb: number
  readonly checkpointInterval: number
  readonly retryAttempts: number
  readonly timeoutSeconds: number
  readonly workerHeapMb: number
  readonly recycleAfterFiles: number
  readonly recycleAboveMb: number
  readonly workerMemoryMb: number
  readonly maxPauseSeconds: number
  readonly maxFileBytes: number
  readonly discover: Omit<DiscoverOptions, 'signal'>
  readonly priority: readonly PriorityRule[] | PriorityFunction
  readonly strategy: BatchStrategy
  readonly processors: readonly string[]
  readonly sink: Sink | null
  readonly out: string | null
  readonly reuse: Reuse
  readonly cpuProfDir: string | null
  readonly stateDir: string
}

const ADAPTIVE_BATCH = { least: 50, first: 200, most: 500 }

/**
 * Checks a configuration and fills in the defaults, which depend on the machine.
 * @throws {MillraceError} `OPTION_INVALID` naming the field, its value and what is allowed; `SINK_UNKNOWN`; `OUT_INVALID`.
 */
export function resolveConfig(config: BatchConfig, machine: Machine, cwd: string): ResolvedConfig {
  const integer = (name: keyof BatchConfig, fallback: number, min: number, max: number) =>
    checkInteger('BatchConfig', name, config[name] ?? fallback, { min, max })
  checkNames(config)
  const workerCount = integer('workerCount', machine.cores, 1, 1024)
  const memoryLimitMb = integer('memoryLimitMb', Math.max(1024, Math.floor(machine.memoryMb / 4)), 256, 16_777_216)
  const heapShareMb = Math.max(64, Math.floor(memoryLimitMb / workerCount))
  const sink = config.sink === null ? null : resolveSink(config.sink ?? 'jsonl')
  const batchSize = integer('batchSize', ADAPTIVE_BATCH.first, 1, 5000)
  const adapts = config.batchSize === undefined
  return {
    batchSize,
    minBatchSize: adapts ? ADAPTIVE_BATCH.least : Math.min(batchSize, ADAPTIVE_BATCH.least),
    maxBatchSize: adapts ? ADAPTIVE_BATCH.most : batchSize,
    maxConcurrentBatches: integer('maxConcurrentBatches', workerCount, 1, 1024),
    workerCount,
    memoryLimitMb,
    checkpointInterval: integer('checkpointInterval', 1000, 1, 100_000),
    retryAttempts: integer('retryAttempts', 3, 0, 100),
    timeoutSeconds: checkNumber('BatchConfig', 'timeoutSeconds', config.timeoutSeconds ?? 30, {
      min: 0.05,
      max: 86_400,
    }),
    workerHeapMb: integer('workerHeapMb', Math.min(2048, heapShareMb), 32, 1_048_576),
    recycleAfterFiles: integer('recycleAfterFiles', 20_000, 1, Number.MAX_SAFE_INTEGER),
    recycleAboveMb: integer('recycleAboveMb', 1024, 64, 1_048_576),
    workerMemoryMb: integer('workerMemoryMb', memoryLimitMb, 64, 16_777_216),
    maxPauseSeconds: checkNumber('BatchConfig', 'maxPauseSeconds', config.maxPauseSeconds ?? 600, {
      min: 0,
      max: 31_536_000,
    }),
    maxFileBytes: integer('maxFileBytes', 256 * 1024 * 1024, 1, Number.MAX_SAFE_INTEGER),
    discover: config.discover ?? {},
    priority: config.priority ?? [],
    strategy: config.strategy ?? costStrategy,
    processors: (config.processors ?? ['syntax', 'ast-json']).map((processor) =>
      [processor, ...(config.transforms ?? [])].join(' | '),
    ),
    sink,
    out: sink === null ? null : targetOf(sink, config.out, cwd),
    reuse: reuseOf(config.reuse ?? 'stamp'),
    cpuProfDir: config.cpuProfDir === undefined ? null : resolve(cwd, config.cpuProfDir),
    stateDir: resolve(cwd, config.stateDir ?? '.millrace'),
  }
}

const FIELDS: Readonly<Record<keyof BatchConfig, true>> = {
  batchSize: true,
  maxConcurrentBatches: true,
  workerCount: true,
  memoryLimitMb: true,
  checkpointInterval: true,
  retryAttempts: true,
  timeoutSeconds: true,
  workerHeapMb: true,
  recycleAfterFiles: true,
  recycleAboveMb: true,
  workerMemoryMb: true,
  maxPauseSeconds: true,
  maxFileBytes: true,
  discover: true,
  priority: true,
  strategy: true,
  processors: true,
  transforms: true,
  sink: true,
  out: true,
  reuse: true,
  cpuProfDir: true,
  stateDir: true,
}

const REUSES: readonly Reuse[] = ['stamp', 'hash', 'none']

function reuseOf(value: Reuse): Reuse {
  if (REUSES.includes(value)) return value
  throw new MillraceError(
    'OPTION_INVALID',
    `BatchConfig: reuse must be one of ${REUSES.join(', ')}, got ${JSON.stringify(value)}`,
    { detail: { owner: 'BatchConfig', option: 'reuse', value } },
  )
}

function checkNames(config: BatchConfig): void {
  for (const name of Object.keys(config)) {
    if (Object.hasOwn(FIELDS, name)) continue
    throw new MillraceError(
      'OPTION_INVALID',
      `BatchConfig has no field "${name}". It has: ${Object.keys(FIELDS).join(', ')}.`,
      { detail: { owner: 'BatchConfig', option: name } },
    )
  }
}
