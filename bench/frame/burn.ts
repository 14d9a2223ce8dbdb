import { median } from '../harness/median.ts'

/** Where what was computed goes, so that it is computed. */
const sink = new Float64Array(1)
const TRIALS = 200

/** Work of `ms` on this machine when nobody disturbs it: always the same sum, so that no clock is read. */
export function burnOf(ms: number): () => void {
  let turns = 10_000
  for (let trial = 0; trial < 5; trial++) turns = Math.max(1, Math.round((turns * ms) / msOf(turns)))
  return () => burn(turns)
}

function msOf(turns: number): number {
  return median(
    Array.from({ length: TRIALS }, () => {
      const startedAt = performance.now()
      burn(turns)
      return performance.now() - startedAt
    }),
  )
}

function burn(turns: number): void {
  let value = sink[0]!
  for (let turn = 0; turn < turns; turn++) value = value * 0.999 + turn
  sink[0] = value
}
