import type { AnyExecutor } from '@millrace/frame'

/** Is taken for one that runs another task at the same time. */
export function wideExecutor(executor: AnyExecutor): AnyExecutor {
  return {
    width: executor.width + 1,
    run: (task, input, options) => executor.run(task, input, options),
    drain: () => executor.drain(),
  }
}
