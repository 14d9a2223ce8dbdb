import type { AnyExecutor } from '@millrace/frame'

/** Is never told that nobody waits for a task any more. */
export function deafExecutor(executor: AnyExecutor): AnyExecutor {
  return {
    width: executor.width,
    run: (task, input) => executor.run(task, input),
    drain: () => executor.drain(),
  }
}
