import { MillraceError } from '@millrace/kernel/errors'
import { loadPeer } from '../processor/load-peer.ts'

export interface CronScheduleOptions {
  /** Five fields, or six with seconds before them: `0 2 * * *` is every day at two. */
  readonly cron: string
  /** An IANA name. @default the system's */
  readonly timezone?: string
}

/** The moments of a cron expression. */
export interface CronSchedule {
  /** The first moment after `afterMs`, milliseconds since the epoch; or undefined where there is none any more. */
  next(afterMs: number): number | undefined
}

/**
 * Reads a cron expression. A moment that a change to summer time passes over is the next one that is; one that comes twice is once. By croner, an optional
 * peer.
 * @throws {MillraceError} `SCHEDULE_INVALID` naming the expression or the time zone, `PEER_MISSING`.
 */
export async function readCron({ cron, timezone }: CronScheduleOptions): Promise<CronSchedule> {
  const { Cron } = await loadPeer('croner', 'A schedule', () => import('croner'))
  const invalid = (what: string, cause: unknown) =>
    new MillraceError(
      'SCHEDULE_INVALID',
      `${what}: ${reasonOf(cause)}. A schedule is five fields, as in "0 2 * * *" (every day at two), and a time zone a name as "Europe/Berlin".`,
      { detail: { cron, timezone }, cause },
    )
  if (timezone !== undefined) {
    try {
      new Intl.DateTimeFormat('en', { timeZone: timezone })
    } catch (cause) {
      throw invalid(`There is no time zone "${timezone}"`, cause)
    }
  }
  try {
    const moments = new Cron(cron, { paused: true, ...(timezone !== undefined && { timezone }) })
    const next = (afterMs: number) => moments.nextRun(new Date(afterMs))?.getTime()
    next(0)
    return { next }
  } catch (cause) {
    throw invalid(`"${cron}" is no schedule`, cause)
  }
}

/** What croner says, without its own name before and a stop behind. */
function reasonOf(cause: unknown): string {
  const words = cause instanceof Error ? cause.message : String(cause)
  return words.replace(/^\w+: /, '').replace(/[.\s]+$/, '')
}
