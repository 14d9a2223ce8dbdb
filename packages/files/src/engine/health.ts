import type { BatchStatistics, EngineHealth } from './events.ts'
import { noStatistics } from './progress.ts'

export interface HealthFacts {
  readonly breaker: EngineHealth['breaker']
  readonly secondsSinceProgress: number
  /** The deadline of one file. */
  readonly deadlineSeconds: number
  /** Workers that were asked for. */
  readonly wanted: number
  readonly memoryLimitMb: number
  /** What ended the job before its time. */
  readonly failure: unknown
}

/** Of the memory limit. */
const NEAR_LIMIT = 0.9

/**
 * What a job's figures say of its health. Pure.
 *
 * It is `stalled` when workers are busy and nothing has settled for three deadlines of one file: a file may take one, a doubtful one runs
 * twice more.
 */
export function healthOf(statistics: BatchStatistics, facts: HealthFacts): EngineHealth {
  const { jobId, phase, paused, workers, workersBusy, workersReplaced, concurrency, rssMb } = statistics
  const { breaker, secondsSinceProgress, deadlineSeconds, wanted, memoryLimitMb, failure } = facts
  const working = phase === 'discovering' || phase === 'processing'
  const stalled = working && workersBusy > 0 && secondsSinceProgress > 3 * deadlineSeconds
  const reasons: string[] = []
  if (failure !== undefined) reasons.push(failure instanceof Error ? failure.message : String(failure))
  if (paused !== null) reasons.push(`Paused: ${paused}.`)
  if (stalled) reasons.push(`Nothing has settled for ${Math.round(secondsSinceProgress)} s.`)
  if (working && concurrency < wanted)
    reasons.push(`${concurrency} of ${wanted} workers are used, for want of memory or processor.`)
  if (rssMb > NEAR_LIMIT * memoryLimitMb) {
    reasons.push(`${Math.round(rssMb)} MB of the ${memoryLimitMb} MB allowed are in use.`)
  }
  if (breaker === 'half-open') reasons.push('What had run out is being tried again.')
  return {
    status:
      failure !== undefined
        ? 'failed'
        : paused !== null
          ? 'paused'
          : stalled
            ? 'stalled'
            : !working && phase !== 'exporting'
              ? 'idle'
              : reasons.length > 0
                ? 'degraded'
                : 'ok',
    reasons,
    jobId,
    phase,
    secondsSinceProgress: working ? secondsSinceProgress : 0,
    breaker,
    workers,
    workersBusy,
    workersReplaced,
    concurrency,
    rssMb,
    memoryLimitMb,
  }
}

/** The health of an engine without a job. */
export function idleHealth(memoryLimitMb: number): EngineHealth {
  return healthOf(noStatistics(), {
    breaker: 'closed',
    secondsSinceProgress: 0,
    deadlineSeconds: 0,
    wanted: 0,
    memoryLimitMb,
    failure: undefined,
  })
}
