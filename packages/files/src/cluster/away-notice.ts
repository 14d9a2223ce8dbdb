import type { Clock } from '@millrace/kernel/clock'
import { MillraceError } from '@millrace/kernel/errors'
import type { WorkEvent } from './work-event.ts'

export interface AwayNoticeOptions {
  readonly clock: Clock
  readonly onEvent: (event: Extract<WorkEvent, { type: 'database-away' | 'database-back' }>) => void
  /** The longest that it is waited for, milliseconds; whoever waits sees to that. @default for ever */
  readonly patienceMs?: number
}

/** What is away for longer than this is told of again, milliseconds. */
const AGAIN_EVERY_MS = 60_000
/** One that fails in part fails and succeeds by turns: it is back when nothing has failed for so long, milliseconds. */
const QUIET_MS = 1000

/** Tells of a database that is away: at once, when that has another reason, and about once a minute; and when it is back. */
export class AwayNotice {
  readonly #options: AwayNoticeOptions
  #patience: string | undefined
  #sinceMs: number | undefined
  #toldMs = 0
  #failedMs = 0

  constructor(options: AwayNoticeOptions) {
    this.#options = options
  }

  /** Takes what a call failed with. @throws it, where it does not pass by itself. */
  away(error: unknown): void {
    if (!(error instanceof MillraceError) || typeof error.detail.patience !== 'string') throw error
    const { clock, onEvent, patienceMs } = this.#options
    const { patience, reason } = error.detail
    const now = clock.now()
    this.#sinceMs ??= now
    this.#failedMs = now
    if (patience === this.#patience && now - this.#toldMs < AGAIN_EVERY_MS) return
    this.#patience = patience
    this.#toldMs = now
    const awayMs = now - this.#sinceMs
    const heard = typeof reason === 'string' ? `: ${reason}` : ''
    const since = awayMs < AGAIN_EVERY_MS ? '' : `, for ${formatSpan(awayMs)} now`
    const left = patienceMs === undefined ? '' : `, and tries for ${formatSpan(Math.max(0, patienceMs - awayMs))}`
    const more = since === '' || left === '' ? left : `${left} more`
    onEvent({
      type: 'database-away',
      message: `${patience}${since}${heard}; this worker goes on by itself when that has passed${more}`,
    })
  }

  /** Takes that something could be written. */
  written(): void {
    const { clock, onEvent } = this.#options
    const now = clock.now()
    if (this.#sinceMs === undefined || now - this.#failedMs < QUIET_MS) return
    const awayMs = now - this.#sinceMs
    this.#sinceMs = undefined
    this.#patience = undefined
    onEvent({ type: 'database-back', awayMs })
  }
}

/** `40 s`, `10 min`. */
function formatSpan(ms: number): string {
  const seconds = Math.round(ms / 1000)
  return seconds < 120 ? `${seconds} s` : `${Math.round(seconds / 60)} min`
}
