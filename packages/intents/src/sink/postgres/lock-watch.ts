import type { Clock, Timer } from '@millrace/kernel/clock'
import type { SinkStats } from '../sink.ts'
import type { SessionWatch } from '../sql/session-watch.ts'
import type { SinkSession } from '../sql/sessions.ts'

/** Ms between two looks, and for which a batch has been under way before one is worth it. */
const LOOK_EVERY_MS = 100
/** Ms after which the view is closed that nobody needed, and tried again that failed. */
const REST_MS = 5000

/** Where it can be seen who waits. */
export interface LockView {
  /** Those of these sessions, by the server's numbers of them, that wait for a lock now. */
  waiting(processIds: readonly number[]): Promise<readonly number[]>
  /** Lets go of what it holds; {@link waiting} gets it again. */
  close(): Promise<void>
}

/**
 * Estimates how long batches wait for locks that others hold.
 *
 * While a batch has been under way for longer than 100 ms, it is looked every 100 ms which sessions wait for a lock; each that does counts for
 * the time since the last look, or since its batch began. So a wait is told to within 200 ms, and one that is shorter than 100 ms hardly ever. Where
 * batches are faster nothing is asked. A view that fails is left alone for five seconds, as one is closed after five that nobody needed.
 */
export class LockWatch implements SessionWatch {
  readonly #view: LockView
  readonly #clock: Clock
  /** When each session's batch began, the oldest first. */
  readonly #underWay = new Map<SinkSession, number>()
  #timer: Timer | undefined
  #lookedAt = Number.NEGATIVE_INFINITY
  #restsUntil = Number.NEGATIVE_INFINITY
  #isViewOpen = false
  #isClosed = false
  #lockWaitMs = 0

  constructor(view: LockView, clock: Clock) {
    this.#view = view
    this.#clock = clock
  }

  get stats(): SinkStats {
    return { lockWaitMs: this.#lockWaitMs }
  }

  begun(session: SinkSession): void {
    this.#underWay.set(session, this.#clock.now())
    // PERF: one timer for however many batches are faster than it.
    if (this.#timer === undefined) this.#again()
  }

  ended(session: SinkSession): void {
    this.#underWay.delete(session)
  }

  async close(): Promise<void> {
    this.#isClosed = true
    this.#timer?.cancel()
    await this.#view.close()
  }

  #again(): void {
    if (!this.#isClosed) this.#timer = this.#clock.after(LOOK_EVERY_MS, () => void this.#tick())
  }

  async #tick(): Promise<void> {
    const now = this.#clock.now()
    const [oldest = now] = this.#underWay.values()
    if (now - oldest >= LOOK_EVERY_MS && now >= this.#restsUntil) await this.#look(now)
    else if (this.#isViewOpen && now - this.#lookedAt >= REST_MS) this.#leave()
    if (this.#underWay.size > 0 || this.#isViewOpen) this.#again()
    else this.#timer = undefined
  }

  async #look(now: number): Promise<void> {
    const begun = new Map<number, number>()
    for (const [{ processId }, at] of this.#underWay) if (processId !== undefined) begun.set(processId, at)
    this.#isViewOpen = true
    try {
      for (const processId of await this.#view.waiting([...begun.keys()]))
        this.#lockWaitMs += now - Math.max(this.#lookedAt, begun.get(processId) ?? now)
      this.#lookedAt = now
    } catch {
      // It is an estimate: nobody is to be troubled by what it cannot see.
      this.#restsUntil = now + REST_MS
      this.#leave()
    }
  }

  #leave(): void {
    this.#isViewOpen = false
    this.#view.close().catch(() => {})
  }
}
