import { FrameHeadroom } from '../../src/learn/frame-headroom.ts'

/** Never takes more than it began with. */
export class TimidHeadroom extends FrameHeadroom {
  override get budgetMs(): number {
    return Math.min(super.budgetMs, 2.5)
  }
}
