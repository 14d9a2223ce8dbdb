import { MillraceError } from '@millrace/kernel/errors'

/** What the shell is told. */
export const ExitCode = {
  /** Every file was delivered. */
  DELIVERED: 0,
  /** Nothing was done: flags, configuration, folders or processors are at fault. */
  USAGE: 1,
  /** The job is done, and some files are quarantined. */
  QUARANTINED: 2,
  /** The books do not balance, or the job broke off. */
  INCOMPLETE: 3,
  /** The user or the system ended it early. */
  INTERRUPTED: 130,
} as const
export type ExitCode = (typeof ExitCode)[keyof typeof ExitCode]

/** How a command ended. */
export type Ending =
  | {
      readonly kind: 'finished'
      readonly interrupted: boolean
      readonly balanced: boolean
      readonly quarantined: number
    }
  | { readonly kind: 'failed'; readonly error: unknown; readonly jobStarted: boolean }

/** The exit code of an ending: an interruption counts first, then the books, then what is in them. */
export function exitCodeOf(ending: Ending): ExitCode {
  if (ending.kind === 'failed') {
    return ending.error instanceof MillraceError && !ending.jobStarted ? ExitCode.USAGE : ExitCode.INCOMPLETE
  }
  if (ending.interrupted) return ExitCode.INTERRUPTED
  if (!ending.balanced) return ExitCode.INCOMPLETE
  return ending.quarantined > 0 ? ExitCode.QUARANTINED : ExitCode.DELIVERED
}
