import { MillraceError } from '@millrace/kernel/errors'

/** The ends of an intent that the database has no part in. */

export function stopped(): MillraceError {
  return new MillraceError('SCHEDULER_STOPPED', 'Not written: the scheduler was stopped; submit it to another one')
}

export function circuitOpen(cause?: unknown): MillraceError {
  const why = cause instanceof Error ? ` (${cause.message})` : ''
  return new MillraceError(
    'CIRCUIT_OPEN',
    `Not written: the database did not answer several times in a row${why}; submit it again later`,
    cause === undefined ? {} : { cause },
  )
}

export function queueFull(held: {
  readonly items: number
  readonly bytes: number
  readonly maxItems: number
  readonly maxBytes: number
}): MillraceError {
  return new MillraceError(
    'QUEUE_FULL',
    `Not accepted: ${held.items} intents of ${held.bytes} bytes are held, of at most ${held.maxItems} and ${held.maxBytes}; submit it again later, or more slowly`,
    { detail: held },
  )
}

export function dropped(type: string, waitedMs: number): MillraceError {
  return new MillraceError(
    'INTENT_DROPPED',
    `${type}: dropped for a newer one after ${Math.round(waitedMs)} ms, for the queue was full`,
    {
      detail: { type, waitedMs },
    },
  )
}

export function expired(type: string, maxWaitMs: number): MillraceError {
  return new MillraceError(
    'INTENT_EXPIRED',
    `${type}: not written within ${maxWaitMs} ms; submit it again if it is still wanted`,
    { detail: { type, maxWaitMs } },
  )
}
