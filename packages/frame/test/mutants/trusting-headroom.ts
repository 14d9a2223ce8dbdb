import { type FrameEvidence, FrameHeadroom } from '../../src/learn/frame-headroom.ts'

/** Moves by whatever it is told, and keeps no bounds. */
export class TrustingHeadroom extends FrameHeadroom {
  #lastMs = 0

  override get budgetMs(): number {
    return super.budgetMs - this.#lastMs
  }

  override observe(evidence: FrameEvidence): void {
    super.observe(evidence)
    this.#lastMs = evidence.otherMs ?? 0
  }
}
