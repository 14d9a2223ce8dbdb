import type { FrameHost } from '@millrace/kernel/frames/frame-host'
import { type FixedStepOptions, fixedStep } from '../../src/hosts/fixed-step.ts'

/** Lets the first step have the whole budget: the later ones have what that left. */
export function greedyFixedStep(host: FrameHost, options: FixedStepOptions): FrameHost {
  return {
    start(onStep, onEnd) {
      let leftMs = 0
      return fixedStep(host, options).start((step) => {
        const isFirst = step.budgetShare !== undefined
        const use = onStep({ ...step, budgetShare: 1, budgetMs: isFirst ? step.budgetMs : leftMs })
        leftMs = Math.max(0, use.allowedMs - use.usedMs)
        return use
      }, onEnd)
    },
  }
}
