import type { BatchStatistics, EngineEvent } from '@millrace/files'
import type { Clock } from '@millrace/kernel/clock'
import { every } from '../every.ts'
import { formatItems, formatMs } from '../text/numbers.ts'
import type { Style } from '../text/style.ts'
import { printable } from '../text/width.ts'
import { wrapWords } from '../text/wrap.ts'
import { progressFrame, progressLine, waitingFor } from './progress-frame.ts'
import type { Screen } from './screen.ts'

/** What a display of progress stands on. */
export interface ProgressPorts {
  readonly screen: Screen
  readonly statistics: () => BatchStatistics
  readonly clock: Clock
  /** What is waited for between jobs, where there are several. */
  readonly waiting?: () => string | undefined
}

/** A running display. `stop` ends it and takes what is drawn away. */
export interface Progress {
  /** Told every event of the engine. */
  hear(event: EngineEvent): void
  stop(): void
}

/** What `--out` is where results go to standard output. */
export const STANDARD_OUTPUT = '-'

const FRAME_MS = 100
const LINE_MS = 5000

/**
 * Draws the job ten times a second, at the width the terminal then has; not while results go to standard output, which may end on the same terminal: what is
 * drawn would be taken away with lines of theirs.
 */
export function liveProgress(
  { screen, statistics, clock, waiting }: ProgressPorts,
  view: { readonly style: Style; readonly width: () => number },
): Progress {
  let behind: readonly string[] = []
  let stepsBack = false
  const timer = every(clock, FRAME_MS, () => {
    if (stepsBack) return
    const words = waiting?.()
    screen.draw(
      words === undefined
        ? progressFrame(statistics(), { style: view.style, width: view.width(), behind })
        : wrapWords(words, view.width() - 1).map(view.style.dim),
    )
  })
  return {
    hear(event) {
      if (event.type === 'job-queued') behind = event.behind
      if (event.type === 'job-queued' || event.type === 'job-started') stepsBack = false
      if (event.type !== 'exporting' || event.out !== STANDARD_OUTPUT) return
      stepsBack = true
      screen.close()
    },
    stop() {
      timer.cancel()
      screen.close()
    },
  }
}

/** Prints a line every five seconds, from when there is a job, and one at each turn of the job. */
export function plainProgress({ screen, statistics, clock }: ProgressPorts): Progress {
  let toldPause: string | null = null
  const timer = every(clock, LINE_MS, () => {
    const now = statistics()
    if (now.phase === 'idle' && now.paused === null) return
    screen.note(progressLine(now, now.paused !== null && now.paused === toldPause))
    toldPause = now.paused
  })
  return {
    hear(event) {
      const line = milestone(event)
      if (line !== undefined) screen.note(line)
    },
    stop: () => timer.cancel(),
  }
}

/** Shows nothing. */
export const noProgress: Progress = { hear: () => {}, stop: () => {} }

function milestone(event: EngineEvent): string | undefined {
  switch (event.type) {
    case 'job-queued':
      return `queued: job ${event.jobId} waits ${waitingFor(event.behind)}`
    case 'job-started':
      return `${event.starts > 1 ? 'resumed' : 'started'}: job ${event.jobId} over ${printable(event.root)}`
    case 'discovery-done':
      return `discovered: ${formatItems(event.found, 'file')}, ${event.excluded} excluded, in ${formatMs(event.ms)}`
    case 'tree-met': {
      const removed = event.removed === 0 ? '' : `, ${formatItems(event.removed, 'file')} gone`
      return event.unchanged + event.removed === 0
        ? undefined
        : `compared: ${formatItems(event.unchanged, 'file')} unchanged${removed}`
    }
    case 'quarantine-reopened':
      return `reopened: ${formatItems(event.files, 'file')} of the quarantine`
    case 'export-skipped':
      return `exporting: ${printable(event.out)} is up to date`
    case 'exporting':
      return `exporting: ${formatItems(event.rows, 'record')} to ${event.out === STANDARD_OUTPUT ? 'standard output' : printable(event.out)}`
    default:
      return undefined
  }
}
