import { VirtualClock } from '@millrace/kernel'
import { Dispatcher, type DispatcherOptions } from '../../src/dispatch/dispatcher.ts'
import type { BatchOutcome } from '../../src/dispatch/outcome.ts'
import { WorkerSet } from '../../src/dispatch/worker-set.ts'
import type { EngineEvent } from '../../src/engine/events.ts'
import type { FileBatch } from '../../src/plan/batch-strategy.ts'
import type { BatchPriority } from '../../src/plan/priority.ts'
import type { AssignedFile, Executor } from '../../src/worker/executor.ts'
import { discovered } from '../discovered.ts'

export function batchOf(batchId: number, paths: readonly string[], priority: BatchPriority = 1): FileBatch {
  return { batchId, files: paths.map((path) => discovered(path)), totalSize: 0, estimatedMs: 0, priority, createdAt: 0 }
}

/** A dispatcher on a virtual clock, and all that it tells. */
export function setUp(
  createExecutor: (clock: VirtualClock) => Executor,
  changes: Partial<DispatcherOptions<AssignedFile>> = {},
  Kind = Dispatcher<AssignedFile>,
) {
  const clock = new VirtualClock()
  const outcomes: BatchOutcome[] = []
  const events: EngineEvent[] = []
  const dispatcher = new Kind({
    clock,
    random: () => 0.5,
    concurrency: 2,
    workers: new WorkerSet(
      clock,
      () => createExecutor(clock),
      (event) => events.push(event),
    ),
    retryAttempts: () => 3,
    checkpointInterval: 1000,
    maxPauseMs: () => 600_000,
    commit: async (outcome) => void outcomes.push(outcome),
    emit: (event) => events.push(event),
    ...changes,
  })
  return { clock, dispatcher, outcomes, events }
}

/** Lets every promise that can settle do so. */
export const settled = () => new Promise<void>((resolve) => setImmediate(resolve))

/** Turns the clock until the dispatcher has finished: backoffs are all that it waits for. */
export async function finish(dispatcher: Dispatcher<AssignedFile>, clock: VirtualClock) {
  let over = false
  const end = dispatcher.finished.finally(() => {
    over = true
  })
  end.catch(() => {})
  for (let turn = 0; turn < 1000 && !over; turn++) {
    await settled()
    clock.advance(1000)
  }
  return end
}

/** The paths that outcomes settled one way. */
export function pathsOf(outcomes: readonly BatchOutcome[], how: 'delivered' | 'confirmed' | 'quarantined'): string[] {
  return outcomes.flatMap((outcome) => outcome[how].map(({ file }) => file.path))
}
