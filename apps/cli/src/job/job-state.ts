import type { JobRow, JobState } from '@millrace/files'

/**
 * A job's state as a person should read it: one that says `running` or `queued` though its process is gone was `killed`; one that did not
 * finish and cannot be resumed, for a later job has taken over its tree, is `superseded`; one that runs and starts nothing is `paused`.
 */
export type ShownState = JobState | 'killed' | 'superseded' | 'paused'

/** The state as the ledger has it, where `isAlive` tells of the process that a job names whether it is still there. */
export function shownState(
  job: Pick<JobRow, 'state' | 'owner' | 'supersededBy'>,
  isAlive: (job: Pick<JobRow, 'state' | 'owner'>) => boolean,
): Exclude<ShownState, 'paused'> {
  const { state, supersededBy } = job
  if (state === 'done') return state
  if (supersededBy !== null) return 'superseded'
  return (state === 'running' || state === 'queued') && !isAlive(job) ? 'killed' : state
}

/** Whether a job in this state can be resumed. */
export function isResumable(state: ShownState): boolean {
  return state === 'killed' || state === 'interrupted' || state === 'failed'
}

/** Whether a job in this state is at work, or would be but for what it waits for. */
export function isUnderWay(state: ShownState): boolean {
  return state === 'running' || state === 'paused'
}
