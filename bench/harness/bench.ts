import type { BenchRow } from './row.ts'

/** How much measuring there is to be, and where its rows go. */
export interface Bench {
  /** Whether to end within 45 s a suite. */
  readonly quick: boolean
  /** Hands in rows, for the table and the JSON. */
  report(rows: readonly BenchRow[]): void
  /** Hands in Markdown that stands below the table: what is no ratio. */
  tell(text: string): void
}

/** One question: measures, and hands in its rows. The default export of every `*.bench.ts`. */
export type BenchFile = (bench: Bench) => Promise<void>

/** The ratio wanted to the least a program could do by hand: at most 4 times its cost. */
export const WITHIN_4X = 1 / 4

/** The ratio wanted to a library. */
export const AHEAD = 1
