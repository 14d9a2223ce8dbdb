import { type FrameEvidence, FrameHeadroom } from '../../src/learn/frame-headroom.ts'

/** Takes every frame for one that was shown in time: no miss brings the budget down. */
export class RecklessHeadroom extends FrameHeadroom {
  override observe(evidence: FrameEvidence): void {
    super.observe({ ...evidence, deltaMs: Math.min(evidence.deltaMs, 1) })
  }
}
