import { MillraceError } from '@millrace/kernel/errors'
import type { ExecutorDeath } from './executor.ts'
import type { ProcessEnd } from './worker-process-group.ts'

/** Why the engine ended a worker process. */
export interface Verdict {
  readonly reason: ExecutorDeath['reason']
  /** The rest of a sentence that begins with "The worker process". */
  readonly told: string
  readonly evidence?: Readonly<Record<string, unknown>>
}

/** Lines of its error output that are told of a dead process. */
const LAST_LINES = 12
/** A line of the native stack that V8 prints when it aborts: addresses that tell nobody anything. */
const NATIVE_FRAME = /^ *\d+: 0x[0-9a-f]+ /
/** What a process that aborts exits with on Windows. */
const ABORTED = 134

/**
 * What is told of a process that is gone: the engine's own verdict where there was one, else what the system says. Pure.
 * @param heapMb The heap limit it had.
 * @param rssMb The most recent that is known of its resident memory.
 */
export function describeDeath(
  { exitCode, signal, error, stderr }: ProcessEnd,
  verdict: Verdict | undefined,
  heapMb: number,
  rssMb: number,
): ExecutorDeath {
  const { reason, told, evidence } = verdict ?? whatHappened()
  return {
    reason,
    detail: `The worker process ${told}`,
    evidence: {
      ...(signal !== null && { signal }),
      ...(exitCode !== null && { exitCode }),
      ...(error?.code !== undefined && { code: error.code }),
      rssMb: Math.round(rssMb),
      ...evidence,
      stderr: lastLines(stderr),
    },
  }

  function whatHappened(): Verdict {
    // V8 says so and aborts; a processor that only prints these words does not end that way.
    const aborted = signal === 'SIGABRT' || exitCode === ABORTED
    if (aborted && stderr.includes('heap out of memory')) {
      return { reason: 'memory', told: `ran out of its heap of ${heapMb} MB`, evidence: { heapMb } }
    }
    if (signal !== null) return { reason: 'crashed', told: `was killed by ${signal}` }
    if (exitCode !== null) return { reason: 'crashed', told: `exited with code ${exitCode}` }
    return { reason: 'crashed', told: `could not be started (${error?.code ?? 'no reason was given'})` }
  }
}

/** Why there is no worker, for whoever waits for one: it could not be started, or ended before it was ready. */
export function startFailure({ error, stderr }: ProcessEnd, { detail, evidence }: ExecutorDeath): MillraceError {
  if (error !== undefined) {
    return new MillraceError(
      'WORKER_START_FAILED',
      `A worker process could not be started: ${error.message}. The system is short of processes, descriptors or memory, or grants this user no more: use fewer workers, or raise its limits.`,
      { detail: evidence, cause: error },
    )
  }
  const lastWords = stderr.trim().split('\n').at(-1)!.slice(0, 300) || '(none)'
  return new MillraceError('WORKER_START_FAILED', `${detail} before it was ready. Its last words: ${lastWords}`, {
    detail: evidence,
  })
}

function lastLines(stderr: string): string {
  const lines = stderr.split('\n').filter((line) => !NATIVE_FRAME.test(line))
  return lines.join('\n').trim().split('\n').slice(-LAST_LINES).join('\n')
}
