import type { CacheStats } from './cache/result-cache.ts'

/** A processor at one moment. The books: `accepted = completed + failed + cancelled + pending`. */
export interface CutoutBatchStats {
  /** Jobs taken, what is fractured ahead of time included. */
  readonly accepted: number
  readonly completed: number
  /** Those dropped from a full queue included. */
  readonly failed: number
  readonly cancelled: number
  /** Jobs that have not ended. */
  readonly pending: number
  /** Cuts that wait, and those that workers have; several jobs may share one. */
  readonly queued: number
  readonly running: number
  /** Results that wait for a frame. */
  readonly ready: number
  /** Frames so far, and what the last one used and was allowed, in ms. */
  readonly frames: number
  readonly usedMs: number
  readonly allowedMs: number
  readonly cache: CacheStats
}

/** What a processor has learned, all times in ms. */
export interface CutoutBatchLearned {
  /** The display's frame, 8 to 16; what others use of it; and what the next one may use of what is left. */
  readonly frameMs: number
  readonly othersMs: number
  readonly sliceMs: number
  /** Results a frame delivers at most, 5 to 100. */
  readonly chunkSize: number
  /** The mean of what fractures have taken of late; undefined before the first. */
  readonly meanJobMs: number | undefined
  /** What a polygon of 32 points takes that is cut into 16, by pattern: those that were seen. */
  readonly cutMs: Readonly<Record<string, number>>
  /** What delivering a result of 200 points takes, by what it is delivered to. */
  readonly deliveryMs: Readonly<Record<'listener' | 'adapter' | 'stream', number>>
}
