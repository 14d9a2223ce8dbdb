import { type Code, State } from '../lifecycle/states.ts'
import type { CheckProfile } from '../monitors/monitor.ts'

const { UNKNOWN, UP, DEGRADED, DOWN, NEEDED, PENDING, HELD, VERIFYING, DISABLED, MAINTENANCE, OVERDUE } = State

/**
 * The lifecycle as it is promised, said once more and in other words than the table has: the ways there are, with their colour. Between those that are
 * checked and a pause or maintenance there always is one.
 */
const WAYS: Readonly<Record<State, Partial<Record<State, Code | 'untold'>>>> = {
  [UNKNOWN]: { [UP]: 'green', [DEGRADED]: 'yellow', [NEEDED]: 'yellow', [DOWN]: 'red', ...away() },
  [UP]: { [DEGRADED]: 'yellow', [NEEDED]: 'yellow', [DOWN]: 'red', ...away() },
  [DEGRADED]: { [UP]: 'green', [NEEDED]: 'untold', [DOWN]: 'red', ...away() },
  [DOWN]: { [UP]: 'green', [DEGRADED]: 'yellow', [NEEDED]: 'untold', ...away() },
  [NEEDED]: { [UP]: 'green', [DEGRADED]: 'untold', [PENDING]: 'untold', [OVERDUE]: 'red', ...away() },
  [OVERDUE]: { [UP]: 'green', [DEGRADED]: 'yellow', [PENDING]: 'untold', ...away() },
  [PENDING]: { [VERIFYING]: 'cyan', [DOWN]: 'red', [HELD]: 'gray', ...away() },
  [HELD]: { [UP]: 'green', [DEGRADED]: 'yellow', [DOWN]: 'red', ...away() },
  [VERIFYING]: { [UP]: 'green', [DEGRADED]: 'yellow', [DOWN]: 'red', ...away() },
  [DISABLED]: { [UNKNOWN]: 'untold' },
  [MAINTENANCE]: { [UNKNOWN]: 'untold', [DISABLED]: 'untold' },
}

function away() {
  return { [DISABLED]: 'untold', [MAINTENANCE]: 'untold' } as const
}

export function isWay(from: State, to: State): boolean {
  return WAYS[from][to] !== undefined
}

/** What is told on the way from a state to another. */
export function colourOf(from: State, to: State): Code | undefined {
  const told = WAYS[from][to]
  return told === 'untold' ? undefined : told
}

/** What the checks of a monitor found since it was fenced last. */
export interface Found {
  /** Good checks in a row, and bad ones. */
  readonly passes: number
  readonly fails: number
  /** The last one warned. */
  readonly hasWarned: boolean
  /** Any was heard since it has its state. */
  readonly isHeard: boolean
  /** There is an incident, or the end of one is still to be told. */
  readonly isTold: boolean
}

/** Whether a monitor may be in a state after what was found. */
export function mayBe(state: State, found: Found, check: CheckProfile): boolean {
  const { passes, fails, hasWarned, isHeard, isTold } = found
  const isWell = passes >= check.healthyThreshold
  const isIll = fails >= check.unhealthyThreshold
  if (state === UP) return fails === 0 && !hasWarned
  if (state === DEGRADED) return !isWell && !isIll
  if (state === DOWN || state === NEEDED || state === OVERDUE) return !isWell && !(hasWarned && isHeard)
  if (state === HELD) return !isWell && !isIll && !(hasWarned && isHeard)
  if (state === VERIFYING) return !isWell && fails === 0 && !(hasWarned && isHeard)
  // Of an incident from before there is to be seen as much as of any other that it is over.
  if (state === UNKNOWN) return !isHeard || (fails === 0 && !hasWarned && !isWell && isTold)
  return !isHeard
}
