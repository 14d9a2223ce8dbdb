import type { Clock, Timer } from '@millrace/kernel/clock'
import { checkInteger, checkNumber } from '@millrace/kernel/options'
import {
  type CircuitBreakerPolicy,
  CircuitState,
  ConsecutiveBreaker,
  circuitBreaker,
  DelegateBackoff,
  handleWhen,
} from 'cockatiel'
import type { CircuitBreakerConfig } from '../scheduler-options.ts'

export interface CircuitOptions {
  readonly config: CircuitBreakerConfig
  readonly clock: Clock
  /** Whether an error tells of the database and not of what it was given. */
  readonly isOutage: (error: unknown) => boolean
  readonly onChange: (state: 'closed' | 'open' | 'half-open', error: unknown) => void
}

/**
 * Keeps a database that does not answer from being asked.
 *
 * Closed, every attempt may be made; `failureThreshold` outages in a row open it. Open, none may; after `recoveryTimeout` it is half-open:
 * `halfOpenTestCount` attempts may be made, and it closes when all of them succeed, or opens again with the first that does not.
 */
export class Circuit {
  readonly #policy: CircuitBreakerPolicy
  readonly #tests: number
  readonly #clock: Clock
  readonly #isOutage: (error: unknown) => boolean
  readonly #onChange: CircuitOptions['onChange']
  #timer: Timer | undefined
  #isDue = false
  /** Attempts begun since it was half-open. */
  #begun = 0
  #changed = Promise.withResolvers<void>()

  constructor({ config, clock, isOutage, onChange }: CircuitOptions) {
    const owner = 'circuitBreaker'
    const threshold = checkInteger(owner, 'failureThreshold', config.failureThreshold ?? 5, { min: 1 })
    const recoveryMs = checkNumber(owner, 'recoveryTimeout', config.recoveryTimeout ?? 30_000, { min: 1 })
    this.#tests = checkInteger(owner, 'halfOpenTestCount', config.halfOpenTestCount ?? 3, { min: 1 })
    this.#clock = clock
    this.#isOutage = isOutage
    this.#onChange = onChange
    this.#policy = circuitBreaker(handleWhen(isOutage), {
      breaker: new ConsecutiveBreaker(threshold),
      // The wait that counts is a timer of our clock: cockatiel asks Date.now(), which may be set back.
      halfOpenAfter: new DelegateBackoff(() => Number.NEGATIVE_INFINITY),
      halfOpenSampling: { calls: this.#tests, threshold: 0 },
    })
    this.#policy.onBreak((why) => {
      this.#isDue = false
      this.#timer?.cancel()
      this.#timer = this.#clock.after(recoveryMs, () => this.#due())
      onChange('open', 'error' in why ? why.error : undefined)
      this.#notify()
    })
    this.#policy.onReset(() => {
      this.#isDue = false
      onChange('closed', undefined)
      this.#notify()
    })
  }

  get state(): 'closed' | 'open' | 'half-open' {
    if (this.#policy.state === CircuitState.Closed) return 'closed'
    return this.#isDue ? 'half-open' : 'open'
  }

  /** Whether an attempt may be made now; where it says yes, one is to be made with {@link Circuit.run} at once. */
  tryEnter(): boolean {
    if (this.#policy.state === CircuitState.Closed) return true
    if (!this.#isDue || this.#begun >= this.#tests) return false
    this.#begun++
    return true
  }

  /** Makes an attempt that may enter, and learns from how it ends; gives what it gives and throws what it throws. */
  async run<T>(attempt: () => Promise<T>): Promise<T> {
    // To be refused for what one asked is an answer, too: of a test that ends so, cockatiel would hear nothing.
    const answer = await this.#policy.execute(async () => {
      try {
        return { value: await attempt() }
      } catch (error) {
        if (this.#isOutage(error)) throw error
        return { error }
      }
    })
    if ('error' in answer) throw answer.error
    return answer.value
  }

  /** It was found by other means that the database answers: it may be tested at once. */
  test(): void {
    if (this.#policy.state === CircuitState.Closed || this.#isDue) return
    this.#timer?.cancel()
    this.#due()
  }

  /** Settles when it is worth another {@link Circuit.tryEnter}, or when it was disposed of. */
  changed(): Promise<void> {
    return this.#changed.promise
  }

  /** Waits no longer; those who wait are told. */
  dispose(): void {
    this.#timer?.cancel()
    this.#notify()
  }

  #due(): void {
    this.#isDue = true
    this.#begun = 0
    this.#onChange('half-open', undefined)
    this.#notify()
  }

  #notify(): void {
    this.#changed.resolve()
    this.#changed = Promise.withResolvers<void>()
  }
}
