import { type Clock, systemClock } from '@millrace/kernel/clock'
import type { StoredBeat } from '../../store/pulse-store.ts'

/** A call may come so much of a period too early, and more where it may come later. */
const EARLY_SHARE = 1 / 4

/** How often a service is to call, and how much later it may, in ms. */
export interface Rhythm {
  readonly everyMs: number
  readonly graceMs: number
}

/** A call that an earlier process heard. All by the clock for durations. */
interface EarlierCall {
  readonly at: number
  /** Until then that process heard all there was; what came after, nobody may have. */
  readonly heardUntil: number
  /** Since when this process would hear it. */
  listenedAt: number | undefined
}

/**
 * When services last called us.
 *
 * The clock for durations counts: a wall clock that is set makes nobody silent, and hides no silence. What an earlier process heard counts on: its silence too, but for
 * calls that were due while nobody listened.
 */
export class Heartbeats {
  readonly #clock: Clock
  readonly #last = new Map<string, number>()
  /** Since when those are awaited that have not called since. */
  readonly #awaited = new Map<string, number>()
  readonly #earlier = new Map<string, EarlierCall>()
  /** Names of which something else is to be kept than is. */
  #news = new Set<string>()
  #onNews: () => void = () => {}

  constructor(clock: Clock = systemClock) {
    this.#clock = clock
  }

  /** Whether any service has called, or is awaited. */
  get isUsed(): boolean {
    return this.#last.size + this.#awaited.size + this.#earlier.size > 0
  }

  /** A service called. O(1). */
  beat(name: string): void {
    this.#last.set(name, this.#clock.now())
    this.#awaited.delete(name)
    this.#earlier.delete(name)
    this.#tell(name)
  }

  /** From now on it is awaited, whenever it called before; but what an earlier process heard counts when this one begins to listen. */
  expect(name: string): void {
    const now = this.#clock.now()
    const earlier = this.#earlier.get(name)
    if (earlier !== undefined && earlier.listenedAt === undefined) {
      earlier.listenedAt = now
      return
    }
    this.#awaited.set(name, now)
    const wasKept = [this.#last.delete(name), this.#earlier.delete(name)].includes(true)
    if (wasKept) this.#tell(name)
  }

  /** For how long a service has been silent, in ms, and whether it has called before that, as far as anybody knows. What nobody awaits is awaited from now on. */
  silenceOf(name: string, rhythm: Rhythm): { readonly ms: number; readonly hasCalled: boolean } {
    const now = this.#clock.now()
    const earlier = this.#earlier.get(name)
    if (earlier !== undefined) {
      earlier.listenedAt ??= now
      const from = countedFrom(earlier.at, earlier.heardUntil, earlier.listenedAt, rhythm)
      return { ms: now - from, hasCalled: from === earlier.at }
    }
    const awaitedSince = this.#awaited.get(name)
    const last = this.#last.get(name)
    if (awaitedSince === undefined && last === undefined) this.expect(name)
    return { ms: now - (awaitedSince ?? last ?? now), hasCalled: awaitedSince === undefined && last !== undefined }
  }

  forget(name: string): void {
    this.#awaited.delete(name)
    const wasKept = [this.#last.delete(name), this.#earlier.delete(name)].includes(true)
    if (wasKept) this.#tell(name)
  }

  /** Forgets what was heard of those that nobody waits for any more. */
  forgetOthers(isAwaited: (name: string) => boolean): void {
    for (const name of this.#earlier.keys()) if (!isAwaited(name)) this.forget(name)
  }

  /** What an earlier process kept: since then as much time has passed as the wall clock says, and none if that was set back. */
  restore(beats: readonly StoredBeat[], heardUntil: number): void {
    const wallNow = Math.max(this.#clock.wallNow(), heardUntil)
    const steady = (at: number) => this.#clock.now() + (at - wallNow)
    for (const { name, at } of beats) {
      if (this.#last.has(name)) continue
      this.#earlier.set(name, { at: steady(at), heardUntil: steady(heardUntil), listenedAt: undefined })
    }
  }

  /** Calls back when there is anything to be kept, once until it is taken. */
  onNews(callback: () => void): void {
    this.#onNews = callback
    if (this.#news.size > 0) callback()
  }

  /** What there is to be kept, by the wall clock as it is now: each once. */
  takeNews(): StoredBeat[] {
    const offset = this.#clock.wallNow() - this.#clock.now()
    const news = Array.from(this.#news, (name): StoredBeat => {
      const at = this.#last.get(name)
      return { name, at: at === undefined ? 0 : at + offset }
    })
    this.#news = new Set()
    return news
  }

  #tell(name: string): void {
    const isFirst = this.#news.size === 0
    this.#news.add(name)
    if (isFirst) this.#onNews()
  }
}

/**
 * From when silence counts, of a service that called at `at`, while nobody listened from `heardUntil` to `listenedAt`: from its last call; but where another was due in
 * between, nobody can know whether it came, and it counts as one that came as late as it may.
 */
function countedFrom(at: number, heardUntil: number, listenedAt: number, { everyMs, graceMs }: Rhythm): number {
  const wasSilent = at + everyMs + graceMs <= heardUntil
  const earlyMs = Math.max(graceMs, everyMs * EARLY_SHARE)
  const calls = Math.floor((listenedAt - at + earlyMs) / everyMs)
  return wasSilent || calls < 1 ? at : Math.min(listenedAt, at + calls * everyMs + graceMs)
}
