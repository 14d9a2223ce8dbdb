import type { FrameHost } from '@millrace/kernel/frames/frame-host'
import { type FixedStepOptions, fixedStep } from '../../src/hosts/fixed-step.ts'

/** Gives every step the whole budget. */
export function generousFixedStep(host: FrameHost, options: FixedStepOptions): FrameHost {
  return {
    start: (onStep, onEnd) =>
      fixedStep(host, options).start((step) => onStep({ ...step, budgetMs: undefined, budgetShare: 1 }), onEnd),
  }
}
