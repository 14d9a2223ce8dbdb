import { setTimeout as sleep } from 'node:timers/promises'
import { quantile } from '../harness/median.ts'
import type { FrameContender } from './contenders/contender.ts'

export interface PacedFramesOptions {
  /** From one frame to the next, in ms. One that comes late does not make the next ones hurry. */
  readonly everyMs: number
  /** Frames that are run before those that count. */
  readonly warmUp: number
  readonly frames: number
  /** What the rest of the program does before frame number `frame`. */
  readonly before?: (frame: number) => void
}

/** Runs frames, and tells how long each took, in ms. */
export async function pacedFrames(contender: FrameContender, options: PacedFramesOptions): Promise<number[]> {
  const { everyMs, warmUp, frames, before } = options
  const times: number[] = []
  let dueAt = performance.now()
  for (let frame = 0; frame < warmUp + frames; frame++) {
    dueAt = Math.max(dueAt + everyMs, performance.now())
    await sleep(Math.max(1, dueAt - performance.now()))
    before?.(frame)
    const startedAt = performance.now()
    contender.frame()
    if (frame >= warmUp) times.push(performance.now() - startedAt)
  }
  return times
}

/** What 99 of 100 frames are over their budget at most, in µs, at least 1. */
export function overrunP99(times: readonly number[], budgetMs: number): number {
  return Math.max(1, (quantile(times, 0.99) - budgetMs) * 1000)
}

/** How much of their budget the frames used, in %. */
export function utilisation(times: readonly number[], budgetMs: number): number {
  return (times.reduce((sum, ms) => sum + ms, 0) / (times.length * budgetMs)) * 100
}
