import type { Clock, Timer } from '@millrace/kernel/clock'
import {
  type CircuitBreakerPolicy,
  CircuitState,
  ConsecutiveBreaker,
  circuitBreaker,
  DelegateBackoff,
  handleWhen,
} from 'cockatiel'

export interface ResourceBreakerOptions {
  readonly clock: Clock
  /** What ran out, as a sentence, where that is why something failed; undefined for every other error. */
  readonly exhausted: (error: unknown) => string | undefined
  /** It has opened, after it was closed. */
  readonly onOpen: (reason: string, error: unknown) => void
  /** The wait is over: one attempt may enter. */
  readonly onDue: () => void
  /** What ran out is there again. */
  readonly onClose: () => void
}

/** The first wait; each one after it is twice as long … */
const FIRST_WAIT_MS = 1000
/** … up to this. */
const LONGEST_WAIT_MS = 15_000

/**
 * Keeps work from being tried while what it needs has run out.
 *
 * Closed, everything may enter; an attempt that fails for exhaustion opens it. Open, nothing may; after 1 s, 2 s, 4 s … at most 15 s one
 * attempt may enter (half-open): it closes the breaker, or opens it again. Every other failure is none of its business.
 */
export class ResourceBreaker {
  readonly #options: ResourceBreakerOptions
  readonly #policy: CircuitBreakerPolicy
  #waitMs = 0
  #timer: Timer | undefined
  #due = false
  #changed = Promise.withResolvers<void>()

  constructor(options: ResourceBreakerOptions) {
    this.#options = options
    this.#policy = circuitBreaker(
      handleWhen((error) => options.exhausted(error) !== undefined),
      {
        breaker: new ConsecutiveBreaker(1),
        // cockatiel asks Date.now() whether its wait is over, and a wall clock that is set back would hold it shut for as long. So its
        // own wait is always over, and the one that counts is a timer of our Clock, which also makes it deterministic in tests.
        halfOpenAfter: new DelegateBackoff(({ attempt }) => {
          this.#waitMs = Math.min(LONGEST_WAIT_MS, FIRST_WAIT_MS * 2 ** (attempt - 1))
          return Number.NEGATIVE_INFINITY
        }),
      },
    )
    let open = false
    this.#policy.onBreak((why) => {
      this.#timer?.cancel()
      this.#due = false
      this.#timer = options.clock.after(this.#waitMs, () => this.#passed())
      const error = 'error' in why ? why.error : undefined
      if (!open) options.onOpen(options.exhausted(error) ?? '', error)
      open = true
    })
    this.#policy.onReset(() => {
      open = false
      this.#notify()
      options.onClose()
    })
  }

  get state(): 'closed' | 'open' | 'half-open' {
    if (this.#policy.state === CircuitState.Closed) return 'closed'
    return this.#policy.state === CircuitState.Open ? 'open' : 'half-open'
  }

  /** Whether an attempt may be made now; where it says yes, one is to be made with {@link ResourceBreaker.run} at once. */
  tryEnter(): boolean {
    if (this.state === 'closed') return true
    const due = this.#due
    this.#due = false
    return due
  }

  /** Makes an attempt that may enter, and learns from how it ends; gives what it gives and throws what it throws. */
  run<T>(attempt: () => Promise<T>): Promise<T> {
    return this.#policy.execute(attempt)
  }

  /** Whether an error is one that opens it. */
  handles(error: unknown): boolean {
    return this.#options.exhausted(error) !== undefined
  }

  /**
   * Makes an attempt again and again, whenever one may enter, until it ends otherwise than for exhaustion. Once `patient` says no, the next one is
   * the last.
   */
  async insist<T>(attempt: () => Promise<T>, patient: () => boolean): Promise<T> {
    while (patient()) {
      if (!this.tryEnter()) await this.changed()
      else {
        try {
          return await this.run(attempt)
        } catch (error) {
          if (!this.handles(error)) throw error
        }
      }
    }
    return attempt()
  }

  /** Settles when it is worth another {@link ResourceBreaker.tryEnter}, or when it is closed for good. Who asked first is first. */
  changed(): Promise<void> {
    return this.#changed.promise
  }

  /** Waits no longer; those who wait are told. */
  dispose(): void {
    this.#timer?.cancel()
    this.#notify()
  }

  #passed(): void {
    this.#due = true
    this.#notify()
    this.#options.onDue()
  }

  #notify(): void {
    this.#changed.resolve()
    this.#changed = Promise.withResolvers<void>()
  }
}
