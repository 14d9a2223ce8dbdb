import type { Gate } from '@millrace/kernel/admit/gate'
import type { Clock } from '@millrace/kernel/clock'
import { MillraceError } from '@millrace/kernel/errors'
import type { SubmitOptions } from '../batch-scheduler.ts'
import type { Intent, IntentResult } from '../intent/intent.ts'
import { expired, queueFull, stopped } from '../intent-errors.ts'
import { TurnClock } from '../observe/turn-clock.ts'
import type { Entry } from '../queue/entry.ts'
import type { Logger } from '../scheduler-options.ts'
import type { Admission } from './admission.ts'

export interface IntakeOptions {
  readonly admission: Admission
  readonly gate: Gate<Entry>
  readonly meter: { submitted: number; refused: number }
  readonly clock: Clock
  readonly logger: Logger | undefined
  readonly maxItems: number
  readonly maxBytes: number
  readonly whenFull: 'reject' | 'wait' | 'drop-oldest'
  /** Of waiting, for room too. */
  readonly maxWaitMs: number
  /** Why nothing may come in now; undefined when it may. */
  readonly refusal: () => MillraceError | undefined
  /** Drops one that waits for the sake of `entry`, under `drop-oldest`; false if that is in vain. */
  readonly makeRoom: (entry: Entry) => boolean
  /** An entry that is held, and has its promise if it has one, begins to wait. */
  readonly arrive: (entry: Entry) => void
  /** Ends an entry that waits. */
  readonly withdraw: (entry: Entry, reason: unknown) => void
  /** Gives back the room of an entry that never arrived. */
  readonly release: (entry: Entry) => void
  /** Nobody waits for this one, which was refused. */
  readonly keepRefused: (intent: Intent, error: unknown) => void
}

/**
 * The way in: admission, then room, then arrival; each at once where it can be.
 *
 * Who waits for room comes in the order of asking, and nobody passes them. An intent that does not come in rejects, and is counted as refused.
 */
export class Intake {
  readonly #options: IntakeOptions
  readonly #turn: TurnClock
  /** Submissions that wait for room, or have it and have not arrived. */
  #lined = 0
  /** Submissions whose schema takes its time. */
  #validating = 0

  constructor(options: IntakeOptions) {
    this.#options = options
    this.#turn = new TurnClock(options.clock)
  }

  /** Intents that are neither in nor refused. */
  get waiting(): number {
    return this.#options.gate.waiting + this.#validating
  }

  submit(intent: Intent, options?: SubmitOptions): Promise<IntentResult> {
    const { meter } = this.#options
    meter.submitted++
    const signal = options?.signal
    let entry: Entry | Promise<Entry>
    try {
      signal?.throwIfAborted()
      entry = this.#admit(intent)
      if (!(entry instanceof Promise) && this.#tryHold(entry)) return this.#wait(entry, signal)
    } catch (error) {
      meter.refused++
      return Promise.reject(error)
    }
    return this.#submitLater(entry, signal)
  }

  /** As {@link Intake.submit}, without a promise. @throws {MillraceError} where it is refused at once; later it is kept, and logged. */
  enqueue(intent: Intent): void {
    const { meter, arrive } = this.#options
    meter.submitted++
    try {
      const entry = this.#admit(intent)
      if (entry instanceof Promise) {
        void this.#enqueueLater(entry, intent)
      } else if (this.#tryHold(entry)) arrive(entry)
      else throw this.#full()
    } catch (error) {
      meter.refused++
      throw error
    }
  }

  /** As {@link Intake.enqueue}, for whom nobody listens: all that are refused are kept, and logged. */
  hear(intents: Intent | readonly Intent[]): void {
    for (const intent of Array.isArray(intents) ? intents : [intents as Intent]) {
      try {
        this.enqueue(intent)
      } catch (error) {
        this.#refuseUnheard(intent, error)
      }
    }
  }

  #admit(intent: Intent): Entry | Promise<Entry> {
    const refusal = this.#options.refusal()
    if (refusal !== undefined) throw refusal
    const admitted = this.#options.admission.admit(intent, this.#turn.now())
    if (admitted instanceof Promise) {
      this.#validating++
      // Told before whoever waits for it goes on.
      const over = () => {
        this.#validating--
      }
      admitted.then(over, over)
    }
    return admitted
  }

  /** Whether there is room for an entry, at once; where the oldest is dropped, there is. */
  #tryHold(entry: Entry): boolean {
    const { gate, whenFull, makeRoom } = this.#options
    // Who waited for room comes first, also between having it and hearing of it.
    if (whenFull !== 'drop-oldest') return this.#lined === 0 && gate.tryAdmit(entry)
    while (!gate.tryAdmit(entry)) if (!makeRoom(entry)) return false
    return true
  }

  /** For what cannot be held at once: its schema takes its time, or there is no room. */
  async #submitLater(admitted: Entry | Promise<Entry>, signal: AbortSignal | undefined): Promise<IntentResult> {
    let entry: Entry
    try {
      entry = admitted instanceof Promise ? await admitted : admitted
      signal?.throwIfAborted()
      if (!(admitted instanceof Promise) || !this.#tryHold(entry)) {
        this.#lined++
        try {
          await this.#waitForRoom(entry, signal)
        } finally {
          // Between this and its arrival nobody else runs.
          this.#lined--
        }
      }
    } catch (error) {
      this.#options.meter.refused++
      throw isClosed(error) ? stopped() : error
    }
    return this.#wait(entry, signal)
  }

  /** As {@link Intake.enqueue}, for what its schema accepts later. */
  async #enqueueLater(admitted: Promise<Entry>, intent: Intent): Promise<void> {
    try {
      const entry = await admitted
      if (!this.#tryHold(entry)) throw this.#full()
      this.#options.arrive(entry)
    } catch (error) {
      this.#options.meter.refused++
      this.#refuseUnheard(intent, isClosed(error) ? stopped() : error)
    }
  }

  async #waitForRoom(entry: Entry, signal: AbortSignal | undefined): Promise<void> {
    const { gate, whenFull, refusal, release } = this.#options
    if (whenFull !== 'wait') throw this.#full()
    const patience = this.#patience(entry, signal)
    try {
      await gate.admit(entry, { signal: patience.signal })
    } finally {
      patience.end()
    }
    // It may have room and hear of it too late.
    const late = patience.signal?.aborted === true ? patience.signal.reason : refusal()
    if (late === undefined) return
    release(entry)
    throw late
  }

  /** A signal that ends the wait for room when `signal` does, or when the intent has waited for as long as it may. */
  #patience(entry: Entry, signal: AbortSignal | undefined): { readonly signal: AbortSignal | undefined; end(): void } {
    const { clock, maxWaitMs } = this.#options
    if (maxWaitMs === Number.POSITIVE_INFINITY) return { signal, end() {} }
    const over = new AbortController()
    const withdraw = () => over.abort(signal?.reason)
    signal?.addEventListener('abort', withdraw)
    const timer = clock.after(entry.at + maxWaitMs - clock.now(), () =>
      over.abort(expired(entry.definition.type, maxWaitMs)),
    )
    return {
      signal: over.signal,
      end() {
        timer.cancel()
        signal?.removeEventListener('abort', withdraw)
      },
    }
  }

  #wait(entry: Entry, signal: AbortSignal | undefined): Promise<IntentResult> {
    const settled = new Promise<IntentResult>((resolve, reject) => {
      entry.resolve = resolve
      entry.reject = reject
    })
    if (signal !== undefined) this.#withdrawOn(signal, entry)
    this.#options.arrive(entry)
    return settled
  }

  #withdrawOn(signal: AbortSignal, entry: Entry): void {
    const { resolve, reject } = entry
    const withdraw = () => {
      if (entry.isWaiting) this.#options.withdraw(entry, signal.reason)
    }
    signal.addEventListener('abort', withdraw)
    const end =
      <T>(settle: ((value: T) => void) | undefined) =>
      (value: T) => {
        signal.removeEventListener('abort', withdraw)
        settle?.(value)
      }
    entry.resolve = end(resolve)
    entry.reject = end(reject)
  }

  /** Nobody hears that it was refused: it is kept, and logged. */
  #refuseUnheard(intent: Intent, error: unknown): void {
    this.#options.keepRefused(intent, error)
    this.#options.logger?.warn({ type: intent?.type, err: error }, 'an intent was refused for which nobody waits')
  }

  #full(): MillraceError {
    const { gate, maxItems, maxBytes } = this.#options
    return queueFull({ items: gate.items, bytes: gate.bytes, maxItems, maxBytes })
  }
}

function isClosed(error: unknown): boolean {
  return error instanceof MillraceError && error.code === 'GATE_CLOSED'
}
