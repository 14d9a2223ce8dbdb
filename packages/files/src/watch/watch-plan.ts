/** When a tree that changes is run over, in milliseconds. */
export interface WatchTimes {
  /** A few changes are run over once nothing has changed for so long. */
  readonly quietMs: number
  /** Many at once, as a checkout makes, once nothing has changed for so long. */
  readonly bulkQuietMs: number
  /** However long it goes on, a run begins so long after the first change. */
  readonly maxWaitMs: number
  /** More paths than these are many. */
  readonly fewPaths: number
  /** After runs that looked only where something had changed, one looks everywhere, once nothing has changed for so long; ten times that at the latest. */
  readonly lookAllMs: number
}

/** A run over many files is broken off for a few edits, but not oftener than this. */
const PREEMPT_EVERY_MS = 2000
/** A path whose changes came to nothing is waited for twice as long each time, from here … */
const NOISE_MS = 1000
/** … to here. */
const MOST_NOISE_MS = 64_000
/** Paths that are remembered as noise. */
const MOST_NOISY_PATHS = 10_000

/** Where a tree is never quiet, all of it is looked at after so many times as long. */
const LOOK_ALL_LATEST = 10

/** What waits for a run. */
interface Waiting {
  readonly paths: Set<string>
  readonly firstAt: number
  lastAt: number
  /** The earliest a run may begin because of these. */
  notBefore: number
}

/** What a run came to. */
export interface RunEnd {
  /** Whether any file was processed, confirmed or removed. */
  readonly changedAnything: boolean
  /** Whether it went to its end. */
  readonly finished: boolean
  /** Whether it looked at all of the tree, and not only where something had changed. */
  readonly lookedAtAll: boolean
}

/**
 * Decides when a watched tree is run over. Pure: it is told what changed and what time it is.
 *
 * Every change is followed by a run that begins after it, at the latest `maxWaitMs` later where no run is under way. A burst is one run. Where a run has
 * long to go and somebody edits a few files, it is broken off, for the next one takes those first and then the rest. Changes that come to nothing, of files that
 * no processor takes or that are ignored, are looked at more and more rarely, up to once a minute. Runs that look only where something has changed are
 * followed by one that looks everywhere when it is quiet, and by and by where it never is, for what no watcher told of. O(1) a change.
 */
export class WatchPlan {
  readonly #times: WatchTimes
  #fresh: Waiting | undefined
  #noisy: Waiting | undefined
  /** How often in a row a path's change came to nothing. */
  readonly #noise = new Map<string, number>()
  #taken: ReadonlySet<string> = new Set()
  #unfinished = false
  #running = false
  #preemptedAt = Number.NEGATIVE_INFINITY
  /** When all of the tree is to be looked at, though nothing is known to have changed. */
  #lookAllAt: number | undefined
  /** … and when at the latest. */
  #lookAllBy: number | undefined

  constructor(times: WatchTimes) {
    this.#times = times
  }

  /** Something at `path` changed. */
  changed(path: string, now: number): void {
    const times = this.#noise.get(path) ?? 0
    if (times === 0) this.#fresh = noted(this.#fresh, path, now, now)
    else this.#noisy = noted(this.#noisy, path, now, now + Math.min(NOISE_MS * 2 ** (times - 1), MOST_NOISE_MS))
  }

  /** When the next run is to begin, or undefined where there is nothing to look at. */
  due(): number | undefined {
    if (this.#running) return undefined
    if (this.#unfinished) return Number.NEGATIVE_INFINITY
    const dues = [this.#freshDue(), this.#noisy?.notBefore, this.#lookAllAt].filter((due) => due !== undefined)
    return dues.length === 0 ? undefined : Math.min(...dues)
  }

  /**
   * A run begins. Gives what changed since the one before began, which may be nothing that is known; a few edits are its most urgent files. `everywhere` says that it is
   * to look at all of the tree, whatever changed.
   */
  begin(now: number): {
    readonly paths: ReadonlySet<string>
    readonly urgent: readonly string[]
    readonly everywhere: boolean
  } {
    const everywhere = this.#lookAllAt !== undefined && this.#lookAllAt <= now
    const fresh = this.#fresh?.paths ?? new Set<string>()
    const urgent = fresh.size <= this.#times.fewPaths ? [...fresh] : []
    this.#taken = new Set([...fresh, ...(this.#noisy?.paths ?? [])])
    this.#fresh = undefined
    this.#noisy = undefined
    this.#unfinished = false
    this.#running = true
    return { paths: this.#taken, urgent, everywhere }
  }

  /** The run that began has ended. One that was broken off is followed by another at once. */
  end({ changedAnything, finished, lookedAtAll }: RunEnd, now: number): void {
    this.#running = false
    this.#unfinished = !finished
    if (!finished) return
    const { lookAllMs } = this.#times
    this.#lookAllBy = lookedAtAll ? undefined : (this.#lookAllBy ?? now + LOOK_ALL_LATEST * lookAllMs)
    this.#lookAllAt = this.#lookAllBy && Math.min(now + lookAllMs, this.#lookAllBy)
    for (const path of this.#taken) {
      if (changedAnything) this.#noise.delete(path)
      else if (this.#noise.size < MOST_NOISY_PATHS || this.#noise.has(path)) {
        this.#noise.set(path, (this.#noise.get(path) ?? 0) + 1)
      }
    }
  }

  /** When the run under way is to be broken off where it has long to go, or undefined where there is no reason. */
  preemptDue(): number | undefined {
    if (!this.#running || this.#fresh === undefined || this.#fresh.paths.size > this.#times.fewPaths) return undefined
    return Math.max(this.#freshDue()!, this.#preemptedAt + PREEMPT_EVERY_MS)
  }

  /** The run under way is broken off for what waits. */
  preempt(now: number): void {
    this.#preemptedAt = now
  }

  #freshDue(): number | undefined {
    if (this.#fresh === undefined) return undefined
    const { quietMs, bulkQuietMs, maxWaitMs, fewPaths } = this.#times
    const { paths, firstAt, lastAt } = this.#fresh
    return Math.min(lastAt + (paths.size > fewPaths ? bulkQuietMs : quietMs), firstAt + maxWaitMs)
  }
}

function noted(waiting: Waiting | undefined, path: string, now: number, notBefore: number): Waiting {
  if (waiting === undefined) return { paths: new Set([path]), firstAt: now, lastAt: now, notBefore }
  waiting.paths.add(path)
  waiting.lastAt = now
  waiting.notBefore = Math.min(waiting.notBefore, notBefore)
  return waiting
}
