import type { ExecutorDeath } from '../worker/executor.ts'

/**
 * How carefully files are run. `normal`: reports come in groups, so a death leaves a few suspects. `cautious`: each file is
 * announced before it is begun, so a death names its culprit. `alone`: one suspect with nothing else in the process.
 */
export type Trial = 'normal' | 'cautious' | 'alone'

export interface RetryPlan<F> {
  readonly trial: Trial
  readonly files: readonly F[]
}

export interface DeathVerdict<F> {
  /** The file that is guilty beyond doubt. */
  readonly poison: F | undefined
  /** The file that was in hand, guilty or a victim of what came before it. */
  readonly suspect: F | undefined
  /** What is to be run again, so that every file not poison gets its chance. */
  readonly retries: readonly RetryPlan<F>[]
}

/**
 * What to do when an executor died: who is guilty, and what is run again.
 *
 * `undone` are the files not reported, in order; in a cautious trial the first of them was announced and begun. One poison file
 * costs at most three deaths, a batch with k of them at most 2k + 1. Halving the batch again and again would cost its
 * logarithm for each: in one of 200 files 8 deaths for one poison file, where this has 3. A verdict always leaves less to
 * run or runs it more carefully, so the recovery ends.
 */
export function afterDeath<F>(trial: Trial, reason: ExecutorDeath['reason'], undone: readonly F[]): DeathVerdict<F> {
  const [suspect, ...others] = undone
  if (suspect === undefined) return { poison: undefined, suspect: undefined, retries: [] }
  const rest: RetryPlan<F>[] = others.length > 0 ? [{ trial: 'cautious', files: others }] : []
  if (trial === 'alone') return { poison: suspect, suspect, retries: rest }
  if (trial === 'cautious') {
    // Its own deadline passed while it was the file in hand: nothing before it can be to blame.
    if (reason === 'deadline') return { poison: suspect, suspect, retries: rest }
    return { poison: undefined, suspect, retries: [{ trial: 'alone', files: [suspect] }, ...rest] }
  }
  if (others.length === 0) return { poison: undefined, suspect, retries: [{ trial: 'alone', files: [suspect] }] }
  return { poison: undefined, suspect: undefined, retries: [{ trial: 'cautious', files: undone }] }
}
