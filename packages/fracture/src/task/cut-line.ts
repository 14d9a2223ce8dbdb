import { MillraceError } from '@millrace/kernel/errors'
import type { Pool, TaskSink } from '@millrace/pool'
import { hostGlobals } from '../hosts/host-globals.ts'
import type { CutInput, CutOutput, FractureTasks } from './fracture-task.ts'

/** What is needed of a pool: one of `@millrace/pool` that serves `fractureTasks`. */
export interface FracturePool {
  /** How many tasks run at the same time. */
  readonly width: number
  run(name: 'fracture', input: CutInput, options?: RunOptions): Promise<CutOutput>
}

interface RunOptions {
  readonly signal?: AbortSignal
  readonly onProgress?: (fraction: number) => void
}

/** What asks for a cut that was begun to end: nobody hears of it any more. */
export interface CutCall {
  cancel(reason: unknown): void
}

/** Workers that cut. */
export interface CutLine {
  /** How many cuts run at the same time. */
  readonly width: number
  /** Whether what is cut is told of by `poll` alone: no worker interrupts the caller. */
  readonly isPolled: boolean
  /** Begins a cut, of whose end the sink hears, once, and not before `begin` has returned unless it cannot be begun. */
  begin(input: CutInput, sink: TaskSink<CutOutput>, onProgress: ((fraction: number) => void) | undefined): CutCall
  /** Tells of what is cut, for so many ms at most. */
  poll(maxMs: number): void
}

/** A pool of ours, with `delivery: 'manual'`. */
export function polledLine(pool: Pool<FractureTasks>): CutLine {
  return {
    width: pool.width,
    isPolled: true,
    begin: (input, sink, onProgress) =>
      pool.call('fracture', input, sink, onProgress === undefined ? undefined : { onProgress }),
    poll: (maxMs) => pool.poll(maxMs),
  }
}

/** A pool that may be anybody's: it may throw, or give no promise. */
export function promisedLine(pool: FracturePool): CutLine {
  return {
    get width() {
      return pool.width
    },
    isPolled: false,
    begin({ coords, ringEnds, params }, sink, onProgress) {
      const stop = new (hostGlobals().AbortController)()
      const { signal } = stop
      const options = onProgress === undefined ? { signal } : { signal, onProgress }
      const run = async () => pool.run('fracture', { coords, ringEnds, params }, options)
      run().then(
        (output) => sink.done(output),
        (error: unknown) => sink.failed(error),
      )
      return { cancel: (reason) => stop.abort(reason) }
    },
    poll() {},
  }
}

/** Nobody hears of it: who cancelled was told. */
export function stopped(): MillraceError {
  return new MillraceError('FRACTURE_CANCELLED', 'the fracture was cancelled')
}
