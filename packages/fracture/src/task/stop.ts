import { hostGlobals } from '../hosts/host-globals.ts'

/** A signal, and what gives it. */
export interface Stop {
  readonly signal: AbortSignal
  abort(reason: unknown): void
}

/** The host's own, for whoever it is given to. */
export function hostStop(): Stop {
  return new (hostGlobals().AbortController)()
}

/**
 * One that does for our pools, which add one listener and look at `aborted` and `reason`. PERF: the host's, of which each cut has one that is hardly ever
 * used, takes more of the caller's time than handing the cut over; bench/fracture/mass-destruction.bench.ts.
 */
export function ownStop(): Stop {
  return new OwnStop()
}

class OwnStop implements Stop, Pick<AbortSignal, 'aborted' | 'reason'> {
  #aborted = false
  #reason: unknown
  #listener: (() => void) | undefined

  get signal(): AbortSignal {
    return this as unknown as AbortSignal
  }

  get aborted(): boolean {
    return this.#aborted
  }

  get reason(): unknown {
    return this.#reason
  }

  addEventListener(_type: 'abort', listener: () => void): void {
    this.#listener = listener
  }

  removeEventListener(_type: 'abort', listener: () => void): void {
    if (this.#listener === listener) this.#listener = undefined
  }

  abort(reason: unknown): void {
    if (this.#aborted) return
    this.#aborted = true
    this.#reason = reason
    this.#listener?.()
  }
}
