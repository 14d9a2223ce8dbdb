/** What the machine and the job look like now. */
export interface HeadroomSample {
  /** Resident memory of the engine and its workers together, MB. */
  readonly rssMb: number
  /** What they may hold together, MB. */
  readonly memoryLimitMb: number
  /** Memory the machine can still give, MB. */
  readonly availableMb: number
  /** Cores that other programs keep busy, smoothed, 0 to `cores`. */
  readonly coresBusyElsewhere: number
  readonly cores: number
}

/** How far the limits may move. */
export interface LimitBounds {
  readonly maxConcurrency: number
  readonly minBatchSize: number
  readonly maxBatchSize: number
}

export interface Limits {
  /** Most batches that run at once, at least 1. */
  readonly concurrency: number
  /** Most files in a batch. */
  readonly batchSize: number
  /** Samples in a row with memory to spare; growth waits for {@link CALM_SAMPLES}. */
  readonly calm: number
}

export interface LimitChange extends Limits {
  /** Why the limits moved, or null where they did not. */
  readonly reason: string | null
}

const PRESSURE = 0.9
const EASE = 0.7
const LEAST_AVAILABLE_MB = 256
/** Of the cores that other programs keep busy, so much is shared with them: the system's scheduler does that better than we. */
const CORES_SHARED = 0.75
/** Growth waits this many calm samples, so that a limit does not swing. */
export const CALM_SAMPLES = 4

/**
 * Where the limits go from here, as a pure step of additive increase and multiplicative decrease (Chiu and Jain, 1989).
 *
 * Memory near its limit halves the batch and takes one from the concurrency at once; memory well below it, held for some samples, gives one back and
 * lets batches grow by half. Concurrency never exceeds what other programs leave of the processor. Both always stay within
 * the bounds.
 */
export function nextLimits(limits: Limits, sample: HeadroomSample, bounds: LimitBounds): LimitChange {
  const { maxConcurrency, minBatchSize, maxBatchSize } = bounds
  const coresToLeave = Math.max(0, sample.coresBusyElsewhere - CORES_SHARED)
  const fair = clamp(Math.ceil(maxConcurrency * (1 - coresToLeave / sample.cores)), 1, maxConcurrency)
  let concurrency = clamp(limits.concurrency, 1, fair)
  let batchSize = clamp(limits.batchSize, minBatchSize, maxBatchSize)
  let calm = 0
  let reason = concurrency < limits.concurrency ? 'other programs use the processor' : null

  if (isShort(sample)) {
    const lower = clamp(limits.concurrency - 1, 1, fair)
    const smaller = clamp(Math.floor(batchSize / 2), minBatchSize, maxBatchSize)
    if (lower < limits.concurrency || smaller < limits.batchSize) reason = 'memory is short'
    concurrency = lower
    batchSize = smaller
  } else if (sample.rssMb / sample.memoryLimitMb < EASE) {
    calm = limits.calm + 1
    if (calm >= CALM_SAMPLES && (concurrency < fair || batchSize < maxBatchSize)) {
      concurrency = Math.min(concurrency + 1, fair)
      batchSize = clamp(Math.ceil(batchSize * 1.5), minBatchSize, maxBatchSize)
      calm = 0
      reason = 'there is room again'
    }
  }
  return { concurrency, batchSize, calm, reason }
}

/** Whether lowering the limits has been enough. */
export interface Strain {
  /** Whether nothing is to be started until memory is there again. */
  readonly paused: boolean
  /** Samples in a row that speak for the other state. */
  readonly samples: number
}

/** Memory that is short for so long with one batch at a time stops the work: 2 s, at four samples a second. */
export const SHORT_SAMPLES = 8

/**
 * Whether the work should stop, as a pure step: it does when memory stays short although only one batch runs at a time, and goes
 * on when it has not been short for {@link CALM_SAMPLES}.
 */
export function nextStrain({ paused, samples }: Strain, sample: HeadroomSample, concurrency: number): Strain {
  const short = isShort(sample)
  const otherwise = paused ? !short : short && concurrency === 1
  if (!otherwise) return { paused, samples: 0 }
  if (samples + 1 < (paused ? CALM_SAMPLES : SHORT_SAMPLES)) return { paused, samples: samples + 1 }
  return { paused: !paused, samples: 0 }
}

function isShort({ rssMb, memoryLimitMb, availableMb }: HeadroomSample): boolean {
  return rssMb / memoryLimitMb > PRESSURE || availableMb < LEAST_AVAILABLE_MB
}

function clamp(value: number, least: number, most: number): number {
  return Math.min(most, Math.max(least, value))
}
