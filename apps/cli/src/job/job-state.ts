import { isOwnerAlive, type JobRow, type JobState, type ProcessProbe, probeProcess } from '@millrace/files'

/**
 * A job's state as a person should read it: one that says `running` or `queued` though its process is gone was `killed`; one that did not
 * finish and cannot be resumed, for a later job has taken over its tree, is `superseded`.
 */
export type ShownState = JobState | 'killed' | 'superseded'

/** The state to show. Of a job on another machine nothing more can be told than what it says. */
export function shownState(
  { state, owner, supersededBy }: Pick<JobRow, 'state' | 'owner' | 'supersededBy'>,
  probe: ProcessProbe = probeProcess,
): ShownState {
  if (state === 'done') return state
  if (supersededBy !== null) return 'superseded'
  return (state === 'running' || state === 'queued') && !isOwnerAlive(owner, probe) ? 'killed' : state
}

/** Whether a job in this state can be resumed. */
export function isResumable(state: ShownState): boolean {
  return state === 'killed' || state === 'interrupted' || state === 'failed'
}
