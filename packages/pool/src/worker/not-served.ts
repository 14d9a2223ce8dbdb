import { MillraceError } from '@millrace/kernel/errors'

/** A number that the pool should not have sent. */
export function notServed(kind: number): MillraceError {
  return new MillraceError(
    'TASK_NOT_SERVED',
    `the worker serves no task of number ${kind}; start all workers of a pool with the same file`,
    { detail: { task: kind } },
  )
}
