import { MillraceError } from '@millrace/kernel/errors'
import type { Job } from './dispatch/job.ts'

export function closedError(): MillraceError {
  return new MillraceError('POOL_CLOSED', 'the pool is closed, nothing more is run; end your calls before close()')
}

export function fullError(maxQueued: number): MillraceError {
  return new MillraceError(
    'POOL_FULL',
    `${maxQueued} calls wait already (maxQueued); await some first, or make the pool with whenFull: 'wait'`,
    { detail: { maxQueued } },
  )
}

export function droppedError({ name, lane }: Job): MillraceError {
  return new MillraceError(
    'TASK_DROPPED',
    `the queue was full, and the task ${JSON.stringify(name)} of priority ${lane} was dropped for another; ` +
      'call less often, or raise maxQueued',
    { detail: { task: name, priority: lane } },
  )
}

export function deadlineError({ name, state }: Job, deadlineMs: number): MillraceError {
  return new MillraceError(
    'DEADLINE_EXCEEDED',
    `the task ${JSON.stringify(name)} was not done within ${deadlineMs} ms (it was ${state}); ` +
      'give it more time, or have it look at context.cancelled',
    { detail: { task: name, deadlineMs, state } },
  )
}
