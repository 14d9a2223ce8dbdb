import type { WorkerEnd } from '../channel/worker-channel.ts'
import type { Parcel } from '../dispatch/parcel.ts'

/** A task that workers serve, as the pool knows it. */
export interface ServedTask {
  readonly name: string
  /** Whether it may run again when the worker that had started it died. */
  readonly retryable: boolean
}

/** What a transport tells the pool. Nothing is told before the call that gave the events has returned. */
export interface TransportEvents {
  /** Once, before anything is handed over: a task's number is its place here. */
  readonly onServing: (tasks: readonly ServedTask[]) => void
  readonly onOutput: (parcel: Parcel, entry: number, output: unknown) => void
  readonly onFault: (parcel: Parcel, entry: number, error: unknown) => void
  /** Each entry has had its answer, or was not wanted: the parcel is the pool's again. */
  readonly onOver: (parcel: Parcel) => void
  /** What a task took, in ms. */
  readonly onCost: (task: number, ms: number) => void
  /** There may be room for more. Told once for all that came back together, after their answers. */
  readonly onRoom: () => void
  /**
   * The entries from `from` on wait behind a slow one: they are to travel in the parcel returned, under the same
   * numbers.
   */
  readonly onCut: (parcel: Parcel, from: number) => Parcel
  /**
   * The worker that had the parcel has ended, with entries below `begun` begun. The pool says `again` or `forget`, and
   * may forget entries before.
   */
  readonly onOrphan: (parcel: Parcel, begun: number, worker: number, end: WorkerEnd) => void
  /** No worker serves, and none will. */
  readonly onBroken: (error: Error) => void
}

/** A worker, as far as statistics go. */
export interface WorkerStats {
  readonly state: 'down' | 'starting' | 'serving'
  /** Tasks whose results came from it. */
  readonly answered: number
  /**
   * The share of its time, since it serves, in which it ran tasks. For those that travel in messages an estimate, from
   * when results came.
   */
  readonly utilisation: number
}

/**
 * How tasks get to workers and results back: through shared memory, in messages, or not at all (on the caller).
 *
 * A transport holds only a small window of tasks, so that priority still counts for the others. It decides nothing:
 * what runs next, what runs again and what the caller is told is the pool's. Tasks go in parcels, whose entries a
 * worker runs in order; an entry that is not wanted any more may be left out.
 */
export interface Transport {
  /**
   * Begins a parcel with its first input and returns true; or returns false when there is no room now.
   * @throws {MillraceError} when the input is not what the task's codec describes.
   */
  open(parcel: Parcel, input: unknown, transfer: readonly ArrayBuffer[] | undefined): boolean
  /**
   * Adds an input to the parcel that was opened last, or returns false when it has no room.
   * @throws {MillraceError} as `open` does; the parcel is as it was.
   */
  add(parcel: Parcel, input: unknown): boolean
  /** Ends the parcel that was opened last: nothing is added any more. */
  seal(parcel: Parcel): void
  /** Sends what was taken and is not sent yet. */
  flush(): void
  /** Takes a parcel back that no worker has; returns whether it did. */
  withdraw(parcel: Parcel): boolean
  /** Asks an entry that runs, or will, to end early. Its answer may still come. */
  cancel(parcel: Parcel, entry: number): void
  /** Ends the worker that runs the entry, if one does; returns false when one may still begin with it. */
  evict(parcel: Parcel, entry: number): boolean
  /** How far an entry says it is, 0 to 1. */
  progressOf(parcel: Parcel, entry: number): number
  /** Runs once more what is wanted of an orphan; returns false when its input is gone. */
  again(parcel: Parcel): boolean
  /** Gives up an orphan. */
  forget(parcel: Parcel): void
  /** Work is due: keeps the process alive, and workers at work. */
  ref(): void
  /** None is: a process with nothing else to do may end. */
  unref(): void
  workers(): readonly WorkerStats[]
  /**
   * Takes in what came through shared memory, where that is only done when asked, until `maxMs` are over; one parcel at least, where there is one. Returns
   * how many results that were.
   */
  poll(maxMs: number): number
  /** From now on takes results in by itself. */
  listen(): void
  /** Ends the workers. */
  close(): Promise<void>
}
