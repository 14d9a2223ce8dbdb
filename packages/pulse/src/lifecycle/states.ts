/** What a monitor is in. The numbers are kept in typed arrays and in the database: they never change. */
export const State = {
  /** Not checked yet, or not since it came back. */
  UNKNOWN: 0,
  UP: 1,
  /** It failed, less often in a row than its threshold; or it passed again, not often enough. */
  DEGRADED: 2,
  DOWN: 3,
  /** An intervention is to be made, and no place is free for it yet. */
  NEEDED: 4,
  /** An intervention is under way. */
  PENDING: 5,
  /** Nobody knows what became of the intervention: it is not made again. */
  HELD: 6,
  /** The intervention was accepted: the next checks show whether it helped. */
  VERIFYING: 7,
  DISABLED: 8,
  MAINTENANCE: 9,
  /** As `NEEDED`, and has waited so long that people were called. */
  OVERDUE: 10,
} as const

export type State = (typeof State)[keyof typeof State]

export type StateName =
  | 'unknown'
  | 'up'
  | 'degraded'
  | 'down'
  | 'needed'
  | 'pending'
  | 'held'
  | 'verifying'
  | 'disabled'
  | 'maintenance'
  | 'overdue'

/** By number. */
export const STATE_NAMES: readonly StateName[] = [
  'unknown',
  'up',
  'degraded',
  'down',
  'needed',
  'pending',
  'held',
  'verifying',
  'disabled',
  'maintenance',
  'overdue',
]

/** What can happen to a monitor. */
export const Event = {
  /** A good check; fewer in a row than `healthy_threshold`. */
  PASS: 0,
  /** A good check; as many in a row as `healthy_threshold`. */
  PASS_ENOUGH: 1,
  /** A bad check; fewer in a row than `unhealthy_threshold`. */
  FAIL: 2,
  /** A bad check; as many in a row as `unhealthy_threshold`, and an intervention may be made. */
  FAIL_ENOUGH: 3,
  /** The same, where none may: it has none, had one in this incident, or is cooling down from the last. */
  FAIL_HOPELESS: 4,
  /** The lane of interventions took the job. */
  TAKEN: 5,
  /** The intervention says that it did what it was asked to. */
  ACCEPTED: 6,
  /** It says that it did not. */
  REFUSED: 7,
  /** It said nothing in time, or its process ended meanwhile. */
  TIMED_OUT: 8,
  DISABLE: 9,
  ENABLE: 10,
  MAINTAIN: 11,
  /** Maintenance is over. */
  RESUME: 12,
  /** A check that passed, with a warning: it will not pass for long. */
  WARN: 13,
  /** It has waited for its intervention for as long as people are to be left out. */
  OVERDUE: 14,
} as const

export type Event = (typeof Event)[keyof typeof Event]

/** By number. */
export const EVENT_NAMES: readonly Lowercase<keyof typeof Event>[] = [
  'pass',
  'pass_enough',
  'fail',
  'fail_enough',
  'fail_hopeless',
  'taken',
  'accepted',
  'refused',
  'timed_out',
  'disable',
  'enable',
  'maintain',
  'resume',
  'warn',
  'overdue',
]

/** What is to be done when a monitor goes from a state to the next: bits. */
export const Effect = {
  /** An incident begins. */
  OPEN: 1 << 0,
  /** The incident, if there is one, is over. */
  CLOSE: 1 << 1,
  /** An intervention is to be queued. */
  INTERVENE: 1 << 2,
  /** An intervention that waits in the queue is not to be made. */
  WITHDRAW: 1 << 3,
  /** What is under way is of the past: its result is not to be heard. */
  FENCE: 1 << 4,
  /** Both streaks begin anew. */
  RESET: 1 << 5,
  RED: 1 << 8,
  YELLOW: 1 << 9,
  /** Told of an incident of which anything was told. */
  GREEN: 1 << 10,
  CYAN: 1 << 11,
  GRAY: 1 << 12,
} as const

/** The colours of alerts, in the order of their bits: the first is `Effect.RED`. */
export const CODES = ['red', 'yellow', 'green', 'cyan', 'gray'] as const

export type Code = (typeof CODES)[number]

/** The bit of `Effect` that is the first colour's. */
export const FIRST_CODE_BIT = 8
