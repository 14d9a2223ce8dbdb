import { MillraceError } from '../errors.ts'
import { checkInteger, checkNumber, checkOneOf } from '../options.ts'
import { Lanes } from '../queue/lanes.ts'

/** What a {@link Gate} lets in. */
export interface GateOptions<T> {
  /** Most items held at once, at least 1. @default 1024 */
  readonly maxItems?: number
  /** Most bytes held at once, at least 1; needs `bytesOf`. @default Infinity */
  readonly maxBytes?: number
  /** The bytes of an item: an integer of at least 0, the same at its admission and its release. @default 0 for all */
  readonly bytesOf?: (item: T) => number
  /** What `admit` does at a full gate: reject with `GATE_FULL`, or wait its turn. @default "reject" */
  readonly whenFull?: 'reject' | 'wait'
}

/** How to wait at a {@link Gate}. */
export interface AdmitOptions {
  /** Ends the wait when it aborts. */
  readonly signal?: AbortSignal | undefined
}

interface Waiter {
  readonly bytes: number
  readonly resolve: () => void
  readonly reject: (reason: unknown) => void
}

/**
 * Bounds what is held downstream, by count and by bytes: what was admitted counts until it is released.
 *
 * Waiters are served first in, first out, and nobody overtakes them. An item larger than `maxBytes` is admitted alone,
 * when the gate is empty, so that no item waits for ever.
 */
export class Gate<T> {
  readonly #maxItems: number
  readonly #maxBytes: number
  readonly #bytesOf: ((item: T) => number) | undefined
  readonly #whenFull: 'reject' | 'wait'
  /** A single lane: a queue from which an aborted wait leaves in O(1). */
  readonly #waiters = new Lanes<Waiter>({ lanes: 1 })
  #items = 0
  #bytes = 0
  #closed = false

  constructor(options: GateOptions<T> = {}) {
    this.#maxItems = checkInteger('Gate', 'maxItems', options.maxItems ?? 1024, { min: 1 })
    this.#maxBytes = checkNumber('Gate', 'maxBytes', options.maxBytes ?? Number.POSITIVE_INFINITY, {
      min: 1,
      max: Number.POSITIVE_INFINITY,
    })
    this.#bytesOf = options.bytesOf
    this.#whenFull = checkOneOf('Gate', 'whenFull', options.whenFull ?? 'reject', ['reject', 'wait'])
    if (this.#maxBytes !== Number.POSITIVE_INFINITY && this.#bytesOf === undefined) {
      throw new MillraceError(
        'OPTION_INVALID',
        `Gate: maxBytes of ${this.#maxBytes} needs bytesOf to weigh the items`,
        {
          detail: { owner: 'Gate', option: 'bytesOf', value: undefined },
        },
      )
    }
  }

  /** Items admitted and not released. */
  get items(): number {
    return this.#items
  }

  /** Bytes admitted and not released. */
  get bytes(): number {
    return this.#bytes
  }

  /** Calls of `admit` that wait. */
  get waiting(): number {
    return this.#waiters.size
  }

  /**
   * Admits `item` and returns true, or returns false when the gate is full or others wait. O(1), allocates nothing.
   * @throws {MillraceError} `GATE_CLOSED` after `close()`.
   */
  tryAdmit(item: T): boolean {
    return this.#tryTake(this.#weigh(item))
  }

  /**
   * Admits `item`, waiting for room when the gate was made with `whenFull: 'wait'`.
   * @throws {MillraceError} `GATE_FULL` when it does not wait, `GATE_CLOSED` after `close()`, waiting or not; or the
   * reason of `signal`.
   */
  admit(item: T, { signal }: AdmitOptions = {}): Promise<void> {
    // PERF: not `async`, which would wrap the promise that waits in a second one; bench/kernel/gate.bench.ts.
    try {
      signal?.throwIfAborted()
      const bytes = this.#weigh(item)
      if (this.#tryTake(bytes)) return Promise.resolve()
      if (this.#whenFull === 'wait') return this.#wait(bytes, signal)
      throw new MillraceError(
        'GATE_FULL',
        `Gate: full (items: ${this.#items}, bytes: ${this.#bytes}); release some first or make the gate with whenFull: 'wait'`,
        { detail: { items: this.#items, bytes: this.#bytes, maxItems: this.#maxItems, maxBytes: this.#maxBytes } },
      )
    } catch (error) {
      return Promise.reject(error)
    }
  }

  /**
   * Gives back the room of an admitted `item`, and admits the waiters that now fit. Works on a closed gate too.
   * @throws {MillraceError} `GATE_NOT_HELD` when fewer items or bytes than that are held.
   */
  release(item: T): void {
    const bytes = this.#weigh(item)
    if (this.#items === 0 || bytes > this.#bytes) {
      throw new MillraceError(
        'GATE_NOT_HELD',
        `Gate: cannot release ${bytes} bytes, held are ${this.#bytes} (items: ${this.#items}); release each item once`,
        { detail: { itemBytes: bytes, items: this.#items, bytes: this.#bytes } },
      )
    }
    this.#items--
    this.#bytes -= bytes
    if (this.#waiters.size > 0) this.#admitWaiters()
  }

  /**
   * Ends admission: later calls and all waiters get `GATE_CLOSED`. What is held stays held until released. Idempotent.
   */
  close(): void {
    this.#closed = true
    for (let waiter = this.#waiters.shift(); waiter !== undefined; waiter = this.#waiters.shift()) {
      waiter.reject(closedError())
    }
  }

  #weigh(item: T): number {
    if (this.#bytesOf === undefined) return 0
    const bytes = this.#bytesOf(item)
    if (!(bytes >= 0 && Number.isSafeInteger(bytes))) checkInteger('Gate', 'bytesOf(item)', bytes, { min: 0 })
    return bytes
  }

  #fits(bytes: number): boolean {
    return this.#items === 0 || (this.#items < this.#maxItems && this.#bytes + bytes <= this.#maxBytes)
  }

  #tryTake(bytes: number): boolean {
    if (this.#closed) throw closedError()
    if (this.#waiters.size > 0 || !this.#fits(bytes)) return false
    this.#items++
    this.#bytes += bytes
    return true
  }

  #wait(bytes: number, signal: AbortSignal | undefined): Promise<void> {
    const { promise, resolve, reject } = Promise.withResolvers<void>()
    const waiter = { bytes, resolve, reject }
    if (signal === undefined) this.#waiters.push(waiter, 0, 0)
    else this.#lineUpUntilAborted(waiter, signal)
    return promise
  }

  #lineUpUntilAborted({ bytes, resolve, reject }: Waiter, signal: AbortSignal): void {
    const settle = (finish: () => void) => {
      signal.removeEventListener('abort', abort)
      finish()
    }
    const handle = this.#waiters.push(
      { bytes, resolve: () => settle(resolve), reject: (reason) => settle(() => reject(reason)) },
      0,
      0,
    )
    const abort = () => {
      this.#waiters.cancel(handle)
      settle(() => reject(signal.reason))
      this.#admitWaiters()
    }
    signal.addEventListener('abort', abort)
  }

  #admitWaiters(): void {
    for (let next = this.#waiters.peek(); next !== undefined && this.#fits(next.bytes); next = this.#waiters.peek()) {
      this.#waiters.shift()
      this.#items++
      this.#bytes += next.bytes
      next.resolve()
    }
  }
}

function closedError(): MillraceError {
  return new MillraceError('GATE_CLOSED', 'Gate: closed, nothing more is admitted; stop submitting before close()')
}
