import { defineTask } from '@millrace/pool'

/** Tasks of the lanes whose executor is a pool. */
export const tasks = {
  square: defineTask({ run: (value: number) => value * value }),
  fails: defineTask({
    run: (text: string): string => {
      throw new RangeError(`no ${text}`)
    },
  }),
  untilCancelled: defineTask({
    run: async (_: number, context) => {
      while (!context.cancelled) await new Promise(setImmediate)
      return -1
    },
  }),
}
