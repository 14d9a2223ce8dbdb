/** A pool that people use, with its threads running. */
export interface PeerPool {
  run(task: string, input: unknown, signal?: AbortSignal): PromiseLike<unknown>
  /** Ends its threads, whatever they do. */
  close(): PromiseLike<void>
}

/** One way to set it up that its documentation offers for small tasks. */
export interface Setting {
  readonly options: string
  open(threads: number): PeerPool
}

export interface Peer {
  readonly name: string
  /** The first is the one it has when nothing is asked for. */
  readonly settings: readonly Setting[]
}
