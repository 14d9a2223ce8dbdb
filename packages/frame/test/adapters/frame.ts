import type { BatchSystem } from '../../src/system/batch-system.ts'
import type { SystemFrame } from '../../src/system/system-frame.ts'

/** A frame in which there is time for everything. */
export const FRAME: SystemFrame = { index: 1, deltaMs: 16, remainingMs: 2.5, turn: () => Promise.resolve() }

/** Begins a round, which a controller would resume step by step. */
export function begin(system: BatchSystem): Generator<unknown, unknown, void> {
  return system.run(FRAME) as Generator<unknown, unknown, void>
}

/** Runs a round to its end, and returns how many steps it took. */
export function runRound(system: BatchSystem): number {
  const round = begin(system)
  let steps = 1
  while (round.next().done !== true) steps++
  return steps
}
