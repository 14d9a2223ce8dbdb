/** The values a numeric option may have. */
export interface Limit {
  readonly min: number
  /** @default no upper bound */
  readonly max?: number
  readonly whole: boolean
  /** For messages, for example `MB`. */
  readonly unit?: string
}

/**
 * The engine's bounds of each numeric option, so that a bad value is answered with the flag or the field it came from. A test
 * holds them equal to what the engine accepts.
 */
export const limits = {
  batchSize: { min: 1, max: 5000, whole: true },
  maxConcurrentBatches: { min: 1, max: 1024, whole: true },
  workerCount: { min: 1, max: 1024, whole: true },
  memoryLimitMb: { min: 256, max: 16_777_216, whole: true, unit: 'MB' },
  checkpointInterval: { min: 1, max: 100_000, whole: true },
  retryAttempts: { min: 0, max: 100, whole: true },
  timeoutSeconds: { min: 0.05, max: 86_400, whole: false, unit: 'seconds' },
  workerHeapMb: { min: 32, max: 1_048_576, whole: true, unit: 'MB' },
  recycleAfterFiles: { min: 1, whole: true },
  recycleAboveMb: { min: 64, max: 1_048_576, whole: true, unit: 'MB' },
  workerMemoryMb: { min: 64, max: 16_777_216, whole: true, unit: 'MB' },
  maxPauseSeconds: { min: 0, max: 31_536_000, whole: false, unit: 'seconds' },
  maxFileBytes: { min: 1, whole: true, unit: 'bytes' },
} as const satisfies Record<string, Limit>

/** The ports that `--metrics` may name; 0 takes a free one. */
export const portLimit = { min: 0, max: 65_535, whole: true } as const satisfies Limit

export function withinLimit(value: number, { min, max = Number.MAX_VALUE, whole }: Limit): boolean {
  return value >= min && value <= max && (!whole || Number.isSafeInteger(value))
}

/** `a whole number from 1 to 1024`, `a number of at least 256 (MB)`. */
export function describeLimit({ min, max, whole, unit }: Limit): string {
  const range = max === undefined ? `of at least ${min}` : `from ${min} to ${max}`
  return `a ${whole ? 'whole ' : ''}number ${range}${unit === undefined ? '' : ` (${unit})`}`
}
