import { systemClock } from '@millrace/kernel/clock'
import { MillraceError } from '@millrace/kernel/errors'
import type { BatchSizeOptions } from '@millrace/kernel/learn/batch-size'
import { checkInteger, checkNumber, checkObject, checkOneOf } from '@millrace/kernel/options'
import type { AdaptiveBatchingConfig, BatchingOptions, BatchSchedulerOptions } from './scheduler-options.ts'

const OWNER = 'createBatchScheduler'
const WITHOUT_END = { min: 1, max: Number.POSITIVE_INFINITY }

/** What suits fewer than 100 users at once, up to 500, and more: the specification's recommendations. */
export const PRESETS = {
  small: { timeWindowMs: 20, maxBatchSize: 200, adaptiveBatching: false },
  medium: { timeWindowMs: 15, maxBatchSize: 500, adaptiveBatching: true },
  large: { timeWindowMs: 10, maxBatchSize: 857, adaptiveBatching: true },
} as const satisfies Record<string, BatchingOptions>

/** How batches are formed, with nothing left open. */
export interface CheckedBatching {
  readonly timeWindowMs: number
  readonly maxBatchSize: number
  readonly maxBatchBytes: number
  readonly maxConcurrentBatches: number
  /** Undefined where batches are formed by the dual condition. */
  readonly adaptive: BatchSizeOptions | undefined
}

/** {@link BatchingOptions} over what they change, checked. */
export function checkBatching(given: BatchingOptions, before: BatchingOptions = {}): CheckedBatching {
  const options = { ...before, ...defined(given) }
  const maxBatchSize = checkInteger(OWNER, 'maxBatchSize', options.maxBatchSize ?? 857, { min: 1, max: 100_000 })
  const adaptive = options.adaptiveBatching ?? true
  if (typeof adaptive !== 'boolean') checkObject(OWNER, 'adaptiveBatching', adaptive)
  return {
    timeWindowMs: checkNumber(OWNER, 'timeWindowMs', options.timeWindowMs ?? 10, { min: 0, max: 60_000 }),
    maxBatchSize,
    maxBatchBytes: checkInteger(OWNER, 'maxBatchBytes', options.maxBatchBytes ?? 4 * 2 ** 20, { min: 1 }),
    maxConcurrentBatches: checkInteger(OWNER, 'maxConcurrentBatches', options.maxConcurrentBatches ?? 2, {
      min: 1,
      max: 64,
    }),
    adaptive: adaptive === false ? undefined : checkAdaptive(adaptive === true ? {} : adaptive, options.maxBatchSize),
  }
}

function checkAdaptive(config: AdaptiveBatchingConfig, most: number | undefined): BatchSizeOptions {
  const owner = `${OWNER}: adaptiveBatching`
  const { performanceThresholds: thresholds = {} } = config
  checkObject(owner, 'performanceThresholds', thresholds)
  const given = checkInteger(owner, 'maxBatchSize', config.maxBatchSize ?? 1000, { min: 1, max: 100_000 })
  const max = Math.min(given, most ?? given)
  const min = checkInteger(owner, 'minBatchSize', config.minBatchSize ?? Math.min(50, max), { min: 1, max })
  const initial = config.initialBatchSize ?? Math.min(Math.max(250, min), max)
  return {
    initial: checkInteger(owner, 'initialBatchSize', initial, { min, max }),
    min,
    max,
    latencyMs: checkNumber(owner, 'latencyThreshold', thresholds.latencyThreshold ?? 100, { above: 0 }),
    adjustmentFactor: checkNumber(owner, 'adjustmentFactor', config.adjustmentFactor ?? 0.15, { above: 0, max: 0.5 }),
    errorRateThreshold: checkNumber(owner, 'errorRateThreshold', thresholds.errorRateThreshold ?? 0.01, {
      min: 0,
      max: 1,
    }),
    throughputTarget: checkNumber(owner, 'throughputTarget', thresholds.throughputTarget ?? Number.POSITIVE_INFINITY, {
      above: 0,
      max: Number.POSITIVE_INFINITY,
    }),
  }
}

/** The options of a scheduler, with nothing left open. */
export type CheckedOptions = ReturnType<typeof checkOptions>

export function checkOptions(options: BatchSchedulerOptions) {
  checkObject(OWNER, 'options', options)
  const { sink, intents, preset, retry = {}, deadLetters, eventBus, stage, logger } = options
  checkPort('sink', sink, 'write')
  if (deadLetters !== undefined) checkPort('deadLetters', deadLetters, 'add')
  if (eventBus !== undefined) checkPort('eventBus', eventBus, 'on')
  if (logger !== undefined) checkPort('logger', logger, 'warn')
  if (stage !== undefined && typeof stage !== 'function') refuse('stage', 'a function')
  if (!Array.isArray(intents) || intents.length === 0) refuse('intents', 'an array of at least one defineIntent()')
  const base =
    preset === undefined ? {} : PRESETS[checkOneOf(OWNER, 'preset', preset, ['small', 'medium', 'large'] as const)]
  const { attempts = 5, baseMs = 50, capMs = 5000 } = checkObject(OWNER, 'retry', retry)
  const batching: BatchingOptions = { ...base, ...defined(options) }
  return {
    sink,
    intents,
    batching,
    checkedBatching: checkBatching(batching),
    maxItems: checkInteger(OWNER, 'maxItems', options.maxItems ?? 100_000, { min: 1 }),
    maxBytes: checkInteger(OWNER, 'maxBytes', options.maxBytes ?? 256 * 2 ** 20, { min: 1 }),
    whenFull: checkOneOf(OWNER, 'whenFull', options.whenFull ?? 'reject', ['reject', 'wait', 'drop-oldest'] as const),
    maxWaitMs: checkNumber(OWNER, 'maxWaitMs', options.maxWaitMs ?? Number.POSITIVE_INFINITY, WITHOUT_END),
    atomicity: checkOneOf(OWNER, 'atomicity', options.atomicity ?? 'item', ['item', 'batch'] as const),
    retry: {
      attempts: checkInteger(OWNER, 'retry.attempts', attempts, { min: 1 }),
      baseMs: checkNumber(OWNER, 'retry.baseMs', baseMs, { min: 0 }),
      capMs: checkNumber(OWNER, 'retry.capMs', capMs, { min: 0 }),
    },
    circuitBreaker: checkObject(OWNER, 'circuitBreaker', options.circuitBreaker ?? {}),
    whenOpen: checkOneOf(OWNER, 'whenOpen', options.whenOpen ?? 'hold', ['fail', 'hold', 'degrade'] as const),
    writeTimeoutMs: checkNumber(OWNER, 'writeTimeoutMs', options.writeTimeoutMs ?? 30_000, { min: 1 }),
    deadLetters,
    eventBus,
    stage,
    logger,
    clock: options.clock ?? systemClock,
    random: options.random ?? Math.random,
  }
}

function defined(given: BatchingOptions): BatchingOptions {
  const { timeWindowMs, maxBatchSize, maxBatchBytes, adaptiveBatching, maxConcurrentBatches } = given
  return {
    ...(timeWindowMs !== undefined && { timeWindowMs }),
    ...(maxBatchSize !== undefined && { maxBatchSize }),
    ...(maxBatchBytes !== undefined && { maxBatchBytes }),
    ...(adaptiveBatching !== undefined && { adaptiveBatching }),
    ...(maxConcurrentBatches !== undefined && { maxConcurrentBatches }),
  }
}

function checkPort(option: string, value: unknown, method: string): void {
  const port = value as Record<string, unknown> | null
  if (typeof port !== 'object' || port === null || typeof port[method] !== 'function') {
    refuse(option, `an object with ${method}() and the other methods of its interface`)
  }
}

function refuse(option: string, allowed: string): never {
  throw new MillraceError('OPTION_INVALID', `${OWNER}: ${option} must be ${allowed}`, {
    detail: { owner: OWNER, option },
  })
}
