import { defineTask, float64Array, number } from '@millrace/pool'
import { burn, echo, lendFlags, runOn, step, whichThread } from '../work.ts'

export const tasks = {
  echo: defineTask({ run: echo, input: float64Array, output: float64Array }),
  burn: defineTask({ run: burn, input: number, output: number }),
  whichThread: defineTask({ run: (_: number) => whichThread(), input: number, output: number }),
  runOn: defineTask({
    run: (_: number, context) => {
      runOn(() => context.cancelled)
      return 0
    },
    input: number,
    output: number,
  }),
  lendFlags,
  step,
}
