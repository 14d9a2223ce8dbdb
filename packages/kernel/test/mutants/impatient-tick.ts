import type { Clock } from '../../src/index.ts'

/** Takes the first change of the clock for its tick, as far as that went. */
export function impatientTick(clock: Clock): number {
  const before = clock.now()
  for (let reads = 0; reads < 200_000; reads++) {
    const now = clock.now()
    if (now !== before) return now - before
  }
  return 0
}
