import type { FrameHost } from '@millrace/kernel/frames/frame-host'
import { type FixedStepOptions, fixedStep } from '../../src/hosts/fixed-step.ts'

/** Catches up with everything: when steps are slow, each frame has more of them. */
export function spirallingFixedStep(host: FrameHost, options: FixedStepOptions): FrameHost {
  return fixedStep(host, { ...options, maxSteps: 1000 })
}
