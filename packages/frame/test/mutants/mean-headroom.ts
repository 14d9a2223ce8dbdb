import { Ewma } from '@millrace/kernel'
import type { FrameEvidence, FrameHeadroomOptions } from '../../src/learn/frame-headroom.ts'

/** Leaves the others what they use on average. */
export class MeanHeadroom {
  readonly #frameMs: number
  readonly #others = new Ewma()

  constructor(options: FrameHeadroomOptions) {
    this.#frameMs = 1000 / options.fps
  }

  get budgetMs(): number {
    return Math.max(0.5, 0.95 * (this.#frameMs - (this.#others.value || 0)))
  }

  observe({ otherMs }: FrameEvidence): void {
    this.#others.observe(otherMs ?? 0)
  }
}
