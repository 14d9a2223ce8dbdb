import type { WorkerEnd } from '../channel/worker-channel.ts'

/** A task that workers serve, as the pool knows it. */
export interface ServedTask {
  readonly name: string
  /** Whether it may run again when the worker that had started it died. */
  readonly retryable: boolean
}

/** A task that a worker left behind: its ticket, and the place where the transport has it. */
export interface Orphan {
  readonly ticket: number
  readonly place: number
  /** Whether the worker had started it: it may have had effects. */
  readonly started: boolean
}

/** What a transport tells the pool. Nothing is told before the call that gave the events has returned. */
export interface TransportEvents {
  /** Once, before anything is handed over: a task's number is its place here. */
  readonly onServing: (tasks: readonly ServedTask[]) => void
  readonly onOutput: (ticket: number, output: unknown) => void
  readonly onFault: (ticket: number, error: unknown) => void
  /** What a task took, in ms: an estimate from the time between results. */
  readonly onCost: (task: number, ms: number) => void
  /** There may be room for more. Told once for all that came back together, after their answers. */
  readonly onRoom: () => void
  /** A worker has ended. Of each orphan the pool must say `again` or `forget`. */
  readonly onOrphans: (orphans: readonly Orphan[], worker: number, end: WorkerEnd) => void
  /** No worker serves, and none will. */
  readonly onBroken: (error: Error) => void
}

/** A worker, as far as statistics go. */
export interface WorkerStats {
  readonly state: 'down' | 'starting' | 'serving'
  /** Tasks whose results came from it. */
  readonly answered: number
  /** The share of its time, since it serves, in which it had work: an estimate from when results came. */
  readonly utilisation: number
}

/**
 * How tasks get to workers and results back: through shared memory, in messages, or not at all (on the caller).
 *
 * A transport holds only a small window of tasks, so that priority still counts for the others. It decides nothing:
 * what runs next, what runs again and what the caller is told is the pool's. A task that was handed over is known by its
 * ticket and its place together; a call for one that has left its place since does nothing.
 */
export interface Transport {
  /**
   * Takes a task and returns its place, 0 or more; or returns -1 when there is no room now.
   * @throws {MillraceError} when the input is not what the task's codec describes.
   */
  tryHand(ticket: number, task: number, input: unknown, transfer: readonly ArrayBuffer[] | undefined): number
  /** Sends what was taken, and wakes workers for it. */
  flush(): void
  /** Takes a task back that no worker has; returns whether it did. */
  withdraw(ticket: number, place: number): boolean
  /** Asks a task that runs, or will, to end early. Its answer may still come. */
  cancel(ticket: number, place: number): void
  /** Ends the worker that runs the task, if it still does. */
  evict(ticket: number, place: number): void
  /** How far a task says it is, 0 to 1. */
  progressOf(ticket: number, place: number): number
  /** Runs an orphan once more; returns false when its input is gone. */
  again(ticket: number, place: number): boolean
  /** Gives up the place of an orphan. */
  forget(ticket: number, place: number): void
  /** Work is due: keeps the process alive, and workers at work. */
  ref(): void
  /** None is: a process with nothing else to do may end. */
  unref(): void
  workers(): readonly WorkerStats[]
  /** Ends the workers. */
  close(): Promise<void>
}
