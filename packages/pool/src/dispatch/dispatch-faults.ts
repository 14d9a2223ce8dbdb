import { MillraceError } from '@millrace/kernel/errors'
import type { WorkerEnd } from '../channel/worker-channel.ts'
import { nameOf } from '../codec/codec-faults.ts'
import type { ServedTask } from '../transport/transport.ts'

export function unknownTask(name: string, tasks: readonly ServedTask[]): MillraceError {
  const names = tasks.map((task) => task.name)
  return new MillraceError(
    'TASK_UNKNOWN',
    `no task is named ${typeof name === 'string' ? JSON.stringify(name) : nameOf(name)}; the workers serve ${names.map((known) => JSON.stringify(known)).join(', ')}`,
    { detail: { name, names } },
  )
}

export function workerDied(
  name: string,
  deaths: number,
  started: boolean,
  worker: number,
  { reason, told }: WorkerEnd,
): MillraceError {
  return new MillraceError(
    'WORKER_DIED',
    `worker ${worker} ended (${told}) ${started ? `while it ran the task ${JSON.stringify(name)}` : `with the task ${JSON.stringify(name)}, whose input was transferred to it`}; ` +
      'declare the task retryable if it may run again, or find in it what ends its worker',
    { detail: { task: name, worker, reason, told, started, deaths } },
  )
}
