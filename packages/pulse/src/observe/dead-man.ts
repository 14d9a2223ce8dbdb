import type { Clock, Timer } from '@millrace/kernel/clock'
import type { Logger } from '../pulse.ts'

export interface DeadManOptions {
  readonly url: string
  readonly everyMs: number
  readonly clock: Clock
  readonly logger: Logger | undefined
  /** Whether there is reason to ping: all is well here. */
  readonly isWell: () => boolean
}

/**
 * Pings a watchman elsewhere as long as all is well here, who tells somebody when the pings stay out: else nobody would notice that the one who notices is gone.
 */
export class DeadMan {
  readonly #options: DeadManOptions
  #timer: Timer | undefined
  #abort = new AbortController()
  #failure: string | undefined

  constructor(options: DeadManOptions) {
    this.#options = options
  }

  /** Why the last ping failed; undefined if it did not. */
  get failure(): string | undefined {
    return this.#failure
  }

  start(): void {
    void this.#ping()
  }

  stop(): void {
    this.#timer?.cancel()
    this.#abort.abort()
  }

  readonly #ping = async (): Promise<void> => {
    const { url, everyMs, clock, logger, isWell } = this.#options
    this.#timer = clock.after(everyMs, this.#ping)
    if (!isWell()) return
    this.#abort.abort()
    this.#abort = new AbortController()
    const { signal } = this.#abort
    try {
      const answer = await fetch(url, { method: 'POST', signal, redirect: 'manual' })
      await answer.body?.cancel()
      this.#failure = answer.ok ? undefined : `it answered ${answer.status}`
    } catch (error) {
      if (signal.aborted) this.#failure = 'it did not answer before the next was due'
      else
        this.#failure =
          error instanceof Error ? (error.cause instanceof Error ? error.cause.message : error.message) : String(error)
    }
    if (this.#failure !== undefined && !signal.aborted)
      logger?.warn({ failure: this.#failure }, 'the dead-man ping failed')
  }
}
