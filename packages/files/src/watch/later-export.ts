import type { Clock, Timer } from '@millrace/kernel/clock'
import type { Renewal } from '../engine/renew-export.ts'

export interface LaterExportPorts {
  readonly clock: Clock
  /** Writes what the job has come to; gives undefined where the signal broke it off. */
  readonly renew: (jobId: string, signal: AbortSignal) => Promise<Renewal | undefined>
  /** However many runs come in between, the output is that of a run so long ago at most, milliseconds. */
  readonly maxWaitMs: number
  /** Another job has been over the tree: only a run of ours has results to write again. */
  readonly onSuperseded: () => void
  /** An export has failed: {@link LaterExport.throwIfFailed} says how. */
  readonly onFailure: () => void
}

/** How often a ledger that another process has is asked for. */
const ASK_EVERY_MS = 2000

/**
 * Writes the output of runs over a watched tree when nothing else is to be done: a sink writes all of it, which takes longer than a run over an edit.
 *
 * It begins after the run, by as much later as the last one took, so that it is at work half of the time at most. A run that is due breaks it off, unless it has
 * been put off for `maxWaitMs`.
 */
export class LaterExport {
  readonly #ports: LaterExportPorts
  #owed: { readonly jobId: string; readonly since: number } | undefined
  #timer: Timer | undefined
  #running: Promise<void> | undefined
  #stop = new AbortController()
  #lastMs = 0
  #failure: { readonly error: unknown } | undefined

  constructor(ports: LaterExportPorts) {
    this.#ports = ports
  }

  /** Whether the output is older than the last run. */
  get owed(): boolean {
    return this.#owed !== undefined
  }

  /** A run is done, and the output is to be what it has come to. */
  owe(jobId: string): void {
    this.#owed = { jobId, since: this.#owed?.since ?? this.#ports.clock.now() }
    this.#startIn(Math.min(this.#lastMs, this.#ports.maxWaitMs))
  }

  /** Makes way for a run that is about to begin. @throws what the last export did. */
  async stepAside(): Promise<void> {
    this.#timer?.cancel()
    const { clock, maxWaitMs } = this.#ports
    const isOverdue = this.#owed !== undefined && clock.now() - this.#owed.since >= maxWaitMs
    if (isOverdue) this.#start()
    else this.#stop.abort(new DOMException('Files were edited that come first', 'AbortError'))
    await this.#running
    this.throwIfFailed()
  }

  /** Writes what is owed, to the end, unless another process has the ledger. @throws what an export does. */
  async finish(): Promise<void> {
    this.#timer?.cancel()
    await this.#running
    if (this.#owed !== undefined && this.#failure === undefined) {
      this.#start()
      this.#timer?.cancel()
      await this.#running
    }
    this.#timer?.cancel()
    this.throwIfFailed()
  }

  throwIfFailed(): void {
    if (this.#failure !== undefined) throw this.#failure.error
  }

  #startIn(ms: number): void {
    this.#timer?.cancel()
    this.#timer = this.#ports.clock.after(ms, () => this.#start())
  }

  #start(): void {
    if (this.#running !== undefined || this.#owed === undefined) return
    this.#stop = new AbortController()
    this.#running = this.#write(this.#owed.jobId, this.#stop.signal)
      .catch((error) => {
        this.#failure = { error }
        this.#ports.onFailure()
      })
      .finally(() => {
        this.#running = undefined
      })
  }

  async #write(jobId: string, signal: AbortSignal): Promise<void> {
    const { clock, renew, onSuperseded } = this.#ports
    const started = clock.now()
    const renewal = await renew(jobId, signal)
    if (renewal === 'owned') this.#startIn(ASK_EVERY_MS)
    if (renewal === 'superseded') onSuperseded()
    if (renewal !== 'done') return
    this.#lastMs = clock.now() - started
    this.#owed = undefined
  }
}
