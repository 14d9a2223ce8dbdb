import type { Clock } from '@millrace/kernel/clock'
import { checkInteger, checkNumber } from '@millrace/kernel/options'

/** How much a client may send. */
export interface RateLimitOptions {
  /** Intents a second in the long run, above 0. */
  readonly perSecond: number
  /** Intents at once, after a pause: at least 1. @default what a second brings */
  readonly burst?: number
  /** Clients that are told apart, at least 1; beyond, the one that was silent longest is forgotten. @default 10000 */
  readonly maxClients?: number
}

interface Bucket {
  tokens: number
  at: number
}

/**
 * A token bucket for each client.
 *
 * Who has a token left may send, however much it is: the bucket then owes, and nothing more is let through until it has paid. So an array
 * larger than the burst is possible, and the rate holds. O(1); memory is bounded by `maxClients`.
 */
export class RateLimit {
  readonly #perMs: number
  readonly #burst: number
  readonly #maxClients: number
  readonly #clock: Pick<Clock, 'now'>
  /** The one that was silent longest first. */
  readonly #buckets = new Map<string, Bucket>()

  constructor({ perSecond, burst, maxClients }: RateLimitOptions, clock: Pick<Clock, 'now'>) {
    this.#perMs = checkNumber('RateLimit', 'perSecond', perSecond, { above: 0 }) / 1000
    this.#burst = checkNumber('RateLimit', 'burst', burst ?? Math.max(1, perSecond), { min: 1 })
    this.#maxClients = checkInteger('RateLimit', 'maxClients', maxClients ?? 10_000, { min: 1 })
    this.#clock = clock
  }

  /** Takes a token of a client and returns 0; or takes none, and returns the ms after which there is one. */
  take(client: string): number {
    const bucket = this.#bucketOf(client)
    if (bucket.tokens < 1) return Math.max(1, (1 - bucket.tokens) / this.#perMs)
    bucket.tokens -= 1
    return 0
  }

  /** Takes tokens whether there are as many or not. */
  charge(client: string, tokens: number): void {
    this.#bucketOf(client).tokens -= tokens
  }

  #bucketOf(client: string): Bucket {
    const now = this.#clock.now()
    const bucket = this.#buckets.get(client) ?? { tokens: this.#burst, at: now }
    bucket.tokens = Math.min(this.#burst, bucket.tokens + (now - bucket.at) * this.#perMs)
    bucket.at = now
    this.#buckets.delete(client)
    this.#buckets.set(client, bucket)
    if (this.#buckets.size > this.#maxClients) this.#forgetOldest()
    return bucket
  }

  #forgetOldest(): void {
    const { value } = this.#buckets.keys().next()
    if (value !== undefined) this.#buckets.delete(value)
  }
}
