import type { ContenderOptions, FrameContender } from './contender.ts'

/** Does nothing but read the clock until the budget is used up: what it is over is the machine's. */
export function bareWait({ budgetMs }: ContenderOptions): FrameContender {
  return {
    name: 'a bare wait',
    frame: () => {
      const startedAt = performance.now()
      while (performance.now() - startedAt < budgetMs) {}
    },
  }
}
