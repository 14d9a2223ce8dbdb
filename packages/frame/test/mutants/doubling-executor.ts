import type { AnyExecutor } from '@millrace/frame'

/** Is handed every task twice. */
export function doublingExecutor(executor: AnyExecutor): AnyExecutor {
  return {
    width: executor.width,
    run: (task, input, options) => {
      executor.run(task, input, options).catch(() => {})
      return executor.run(task, input, options)
    },
    drain: () => executor.drain(),
  }
}
