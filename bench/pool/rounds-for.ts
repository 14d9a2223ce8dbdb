import { median } from '../harness/median.ts'
import { burn } from './work.ts'

/** Rounds of `burn` that take so many ms on this thread, as it is now. */
export function roundsFor(ms: number): number {
  const rounds = 1000
  const times = Array.from({ length: 50 }, () => {
    const started = performance.now()
    burn(rounds)
    return performance.now() - started
  })
  return Math.round((rounds * ms) / median(times))
}
