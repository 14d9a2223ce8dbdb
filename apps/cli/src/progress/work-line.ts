import type { WorkEvent } from '@millrace/files/postgres'
import { formatCount, formatItems, formatSeconds } from '../text/numbers.ts'
import { printable } from '../text/width.ts'

/** What a worker on a job of many machines tells as a line that stays; undefined where an event is no news to a person. */
export function workLine(event: WorkEvent): string | undefined {
  switch (event.type) {
    case 'work-joined':
      return `joined: ${event.name} with ${formatItems(event.slots, 'worker process', 'worker processes')}`
    case 'work-waiting':
      return 'waiting: no job is coordinated there now; the next one is taken up'
    case 'work-began':
      return `working: job ${event.jobId} over ${printable(event.root)}`
    case 'work-limited':
      return `${event.reason}: ${formatCount(event.processes)} of ${formatItems(event.of, 'worker process', 'worker processes')} ${event.processes === 1 ? 'works' : 'work'} now`
    case 'paused':
      return `waiting: ${printable(event.reason)}`
    case 'continued':
      return `going on, after ${formatSeconds(event.pausedMs / 1000)}`
    case 'batch-lost':
    case 'database-away':
      return printable(event.message)
    case 'database-back':
      return `going on: PostgreSQL is there again, after ${formatSeconds(event.awayMs / 1000)}`
    default:
      return undefined
  }
}
