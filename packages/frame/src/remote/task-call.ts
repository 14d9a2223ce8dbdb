/** Of the host's globals, what calls are ended with. */
interface HostGlobals {
  readonly AbortController: new () => { readonly signal: AbortSignal; abort(): void }
}

const globals: object = globalThis
const { AbortController } = globals as HostGlobals

/** A task that a lane's executor has, for a job. */
export class TaskCall {
  readonly jobId: number
  readonly lane: number
  readonly #abort = new AbortController()

  constructor(jobId: number, lane: number) {
    this.jobId = jobId
    this.lane = lane
  }

  /** What the executor is told by that nobody wants the result any more. */
  get signal(): AbortSignal {
    return this.#abort.signal
  }

  abort(): void {
    this.#abort.abort()
  }
}
