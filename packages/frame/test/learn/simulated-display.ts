import { normalFrom, seededRandom } from '@millrace/kernel/seeded-random'
import type { FrameEvidence } from '../../src/learn/frame-headroom.ts'

/** What finds budgets. */
export interface BudgetFinder {
  readonly budgetMs: number
  observe(evidence: FrameEvidence): void
}

/** What the others of a program do for a while: normally distributed, with spikes now and then. */
export interface Load {
  readonly frames: number
  /** As shares of a frame's length. */
  readonly mean: number
  readonly deviation: number
  readonly spikeShare: number
  readonly spike: number
  /** What the display needs after the work, unseen by whoever measures. */
  readonly unseen: number
}

export interface DisplayRun {
  /** Missed frames as a share of all. */
  readonly missed: number
  /** The budgets found, as a share of those that miss 2 frames in 100 of each load. */
  readonly ofOracle: number
}

/**
 * A display that shows a frame at every `1 / fps` seconds, if the work for it is done by then, and a program with so much to do
 * that it uses every budget whole.
 */
export function runDisplay(
  finder: BudgetFinder,
  options: { readonly fps: number; readonly loads: readonly Load[]; readonly measured: boolean; readonly seed: number },
): DisplayRun {
  const frameMs = 1000 / options.fps
  const random = seededRandom(options.seed)
  const gauss = normalFrom(random)
  let frames = 0
  let missed = 0
  let found = 0
  let possible = 0
  for (const load of options.loads) {
    const rooms: number[] = []
    for (let frame = 0; frame < load.frames; frame++) {
      const spike = random() < load.spikeShare ? load.spike : 0
      const otherMs = Math.max(0, load.mean + load.deviation * gauss() + spike) * frameMs
      const unseenMs = load.unseen * frameMs
      const usedMs = finder.budgetMs * (0.98 + 0.04 * random())
      const shownAfter = Math.max(1, Math.ceil((otherMs + unseenMs + usedMs) / frameMs))
      found += finder.budgetMs
      rooms.push(frameMs - otherMs - unseenMs)
      frames++
      if (shownAfter > 1) missed++
      finder.observe({ deltaMs: shownAfter * frameMs, usedMs, otherMs: options.measured ? otherMs : undefined })
    }
    rooms.sort((a, b) => a - b)
    possible += Math.max(0, rooms[Math.floor(0.02 * rooms.length)]!) * load.frames
  }
  return { missed: missed / frames, ofOracle: found / possible }
}
