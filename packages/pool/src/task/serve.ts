import { MillraceError } from '@millrace/kernel/errors'
import { hostChannel } from '../channel/host-channel.ts'
import { nameOf } from '../codec/codec-faults.ts'
import { MARK } from '../protocol.ts'
import { faultOf } from '../worker/fault.ts'
import { WorkerLoop } from '../worker/worker-loop.ts'
import { shapeOf } from './codec-of.ts'
import { type TaskOf, type Tasks, taskOf } from './task.ts'

let isServing = false

/**
 * Makes this thread a worker that runs `tasks` for the pool which started it: call it once, at the top of the worker's
 * own file.
 *
 * A worker runs one task at a time; while one waits for its promise, no other begins. A typed array in an input whose
 * codec is told lies in memory that the next task's input overwrites: a task that keeps it beyond its end keeps a copy.
 * @throws {MillraceError} `TASK_INVALID` when there is no task, or one that is none: the pool is told too;
 * `SERVE_OUTSIDE_WORKER`; `SERVE_REPEATED`.
 */
export function serve(tasks: Tasks): void {
  const channel = hostChannel()
  if (isServing) {
    throw new MillraceError('SERVE_REPEATED', 'serve: this worker serves already; name all its tasks in one call')
  }
  isServing = true
  let named: [name: string, task: TaskOf][]
  try {
    named = checkTasks(tasks)
  } catch (error) {
    channel.post([MARK, 'unable', faultOf(error)])
    throw error
  }
  const loop = new WorkerLoop(
    channel,
    named.map(([, task]) => task),
  )
  channel.listen((message) => loop.hear(message))
  channel.post([MARK, 'serving', named.map(([name, task]) => [name, shapeOf(task)])])
}

function checkTasks(tasks: unknown): [name: string, task: TaskOf][] {
  if (typeof tasks !== 'object' || tasks === null) throw none(`not ${nameOf(tasks)}`)
  const named = Object.entries(tasks).map(([name, entry]): [string, TaskOf] => [
    name,
    taskOf(`serve: the task ${JSON.stringify(name)}`, entry),
  ])
  if (named.length === 0) throw none('not an empty object')
  return named
}

function none(given: string): MillraceError {
  return new MillraceError('TASK_INVALID', `serve: give it tasks by name, as in serve({ echo }), ${given}`)
}
