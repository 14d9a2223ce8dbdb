/** For all pools beside ours: a task is an export. */
export { burn, echo, lendFlags, whichThread } from '../work.ts'

import * as work from '../work.ts'

/** Nobody can tell it that it is over. */
export function runOn(): void {
  work.runOn(() => false)
}

/** By its word `async` poolifier knows that there is a promise to wait for. */
export async function step(input: work.Step): Promise<number> {
  return work.step(input)
}
