import type { Clock } from '@millrace/kernel/clock'
import { MillraceError } from '@millrace/kernel/errors'
import { BearerTokens } from './bearer-tokens.ts'
import { RateLimit, type RateLimitOptions } from './rate-limit.ts'

/** Who may send intents, and how many. */
export interface DoorOptions {
  /** A client must show one of these as a bearer token: 8 to 1000 letters, digits or `. _ ~ + / = -`. @default everybody may send */
  readonly tokens?: readonly string[]
  /** For each client by itself: each token, or where there are none each address. @default no limit */
  readonly rateLimit?: RateLimitOptions
}

/** What is known of a client before it said anything. */
export interface Caller {
  /** The header `Authorization`. */
  readonly authorization: string | undefined
  readonly address: string | undefined
}

/** The time between two looks at a rate that is used up, ms. Timers are hardly finer, and what it gives meanwhile goes at once. */
const LOOK_MS = 10

/** Lets clients in, and holds each to its rate. */
export class Door {
  readonly #tokens: BearerTokens
  readonly #rateLimit: RateLimit | undefined
  readonly #clock: Clock

  constructor({ tokens, rateLimit }: DoorOptions, clock: Clock) {
    this.#tokens = new BearerTokens(tokens)
    this.#rateLimit = rateLimit === undefined ? undefined : new RateLimit(rateLimit, clock)
    this.#clock = clock
  }

  /**
   * Who a client is.
   * @throws {MillraceError} `TOKEN_REJECTED` where it shows no token that is known, and one is needed.
   */
  clientOf({ authorization, address }: Caller): string {
    if (!this.#tokens.isRequired) return `address ${address ?? ''}`
    const token = this.#tokens.fromHeader(authorization)
    if (token !== undefined) return `token ${token}`
    throw new MillraceError(
      'TOKEN_REJECTED',
      'A bearer token is needed: send `Authorization: Bearer TOKEN` with one that is valid here.',
    )
  }

  /**
   * Lets one intent of a client through.
   * @throws {MillraceError} `RATE_LIMITED` where it has sent as many as it may.
   */
  pass(client: string): void {
    const waitMs = this.#rateLimit?.take(client) ?? 0
    if (waitMs === 0) return
    throw new MillraceError(
      'RATE_LIMITED',
      `This client sends more than it may. Try again in ${Math.ceil(waitMs / 1000)} s, or send less.`,
      { detail: { retryAfterMs: Math.ceil(waitMs) } },
    )
  }

  /** Counts intents that came together with one that was let through: the next ones wait for them. */
  charge(client: string, intents: number): void {
    if (intents > 0) this.#rateLimit?.charge(client, intents)
  }

  /** Lets one intent through as soon as the rate has it: undefined where that is now. */
  whenFree(client: string): Promise<void> | undefined {
    const rateLimit = this.#rateLimit
    if (rateLimit === undefined || rateLimit.take(client) === 0) return undefined
    return new Promise((resolve) => {
      const look = () => {
        if (rateLimit.take(client) === 0) resolve()
        else this.#clock.after(LOOK_MS, look)
      }
      this.#clock.after(LOOK_MS, look)
    })
  }
}
