import { hash } from 'node:crypto'
import { MillraceError } from '@millrace/kernel/errors'
import type { Clock, Db } from 'pg-boss'
import { type CronScheduleOptions, readCron } from '../schedule/cron-schedule.ts'
import type { ScheduledMoment } from '../schedule/scheduled.ts'
import { LEASE_SECONDS } from './board.ts'

export interface ClusterScheduleOptions extends CronScheduleOptions {
  /** What it is the schedule of: those that share a name take turns. */
  readonly name: string
  /** Ends the iteration. */
  readonly signal: AbortSignal
  /** Told when the next moment is, each time it is waited for. */
  readonly onWait?: (dueMs: number) => void
}

export interface ClusterSchedulePorts {
  readonly db: Db
  /** The schema that pg-boss keeps its tables in. */
  readonly schema: string
  /** @default the system's, and the database's */
  readonly clock?: Clock
}

/** How often a moment is looked for that has come: one of many who wait takes it. */
const LOOK_EVERY_MS = 1000
/** How often who works on one shows a sign of life. */
const TOUCH_EVERY_MS = 3000

/**
 * The moments of a schedule that many machines share, in PostgreSQL: each comes to one of those who iterate, whichever is free, and none while the work of
 * one before goes on. Of moments that go by meanwhile one is kept. Who dies over one has lost it to another within {@link LEASE_SECONDS} and two seconds; who
 * breaks off gives it back.
 *
 * pg-boss keeps the schedule and tells when it is time, to the minute. The schedule stays when nobody iterates: who comes next has what was missed, once.
 * @throws {MillraceError} `SCHEDULE_INVALID`, also of one with seconds; and what the database does.
 */
export async function* clusterScheduled(
  { name, cron, timezone, signal, onWait = () => {} }: ClusterScheduleOptions,
  { db, schema, clock }: ClusterSchedulePorts,
): AsyncGenerator<ScheduledMoment, void, undefined> {
  const { next } = await readCron({ cron, ...(timezone !== undefined && { timezone }) })
  if (cron.trim().split(/\s+/).length > 5) {
    throw new MillraceError(
      'SCHEDULE_INVALID',
      `"${cron}" has seconds, which a schedule in PostgreSQL has not. Leave the first field out.`,
      { detail: { cron } },
    )
  }
  const { PgBoss, systemClock } = await import('pg-boss')
  const time = clock ?? systemClock
  const boss = new PgBoss({
    db,
    schema,
    ...(clock !== undefined && { clock }),
    supervise: false,
    schedule: true,
    cronMonitorIntervalSeconds: 5,
    cronWorkerIntervalSeconds: 1,
    monitorIntervalSeconds: 1,
    // What it knows of who is at work it looks up so often.
    queueCacheIntervalSeconds: 1,
    reindex: false,
    monitorVacuum: false,
  })
  // What goes wrong behind the scenes is tried again; what is asked for throws by itself.
  boss.on('error', () => {})
  const queue = `schedule-${hash('sha256', name, 'hex').slice(0, 24)}`
  try {
    await boss.start()
    // At most one that waits and one that is worked on.
    if ((await boss.getQueue(queue)) === null) {
      await boss.createQueue(queue, {
        policy: 'stately',
        heartbeatSeconds: LEASE_SECONDS,
        expireInSeconds: 86_000,
        retryLimit: 1000,
      })
    }
    await boss.schedule(queue, cron, {}, { ...(timezone !== undefined && { tz: timezone }) })
    let told: number | undefined
    while (!signal.aborted) {
      const due = next(time.now())
      if (due === undefined) return
      if (due !== told) onWait(due)
      told = due
      await boss.supervise(queue)
      const [job] = await boss.fetch<object>(queue, { batchSize: 1, includeMetadata: true })
      if (job === undefined) {
        await pause(time, LOOK_EVERY_MS, signal)
        continue
      }
      // One who was late has lost it, and may neither end it nor keep it alive.
      const attempt = { id: job.id, retryCount: job.retryCount }
      let isDone = false
      const touching = time.setInterval(() => void boss.touch(queue, attempt).catch(() => {}), TOUCH_EVERY_MS)
      try {
        yield { dueMs: job.createdOn.getTime(), missed: missedSince(job.createdOn.getTime(), time.now(), next) }
        isDone = !signal.aborted
      } finally {
        time.clearInterval(touching)
        await (isDone ? boss.complete(queue, attempt) : boss.fail(queue, attempt)).catch(() => {})
      }
      told = undefined
    }
  } finally {
    await boss.stop({ close: false, graceful: false })
  }
}

/** Moments after `dueMs` that have gone by, at most 1000. */
function missedSince(dueMs: number, nowMs: number, next: (afterMs: number) => number | undefined): number {
  let missed = 0
  for (let at = next(dueMs); at !== undefined && at <= nowMs && missed < 1000; at = next(at)) missed++
  return missed
}

function pause(clock: Clock, ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const stop = () => {
      clock.clearTimeout(timer)
      signal.removeEventListener('abort', stop)
      resolve()
    }
    const timer = clock.setTimeout(stop, ms)
    signal.addEventListener('abort', stop)
  })
}
