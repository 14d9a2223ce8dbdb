import { availableParallelism } from 'node:os'
import type { Clock } from '@millrace/kernel/clock'
import { WorkerSet } from '../dispatch/worker-set.ts'
import { ChildExecutor, type ForkProcess } from '../worker/child-executor.ts'
import type { ResolvedConfig } from './config.ts'
import type { EngineEvent } from './events.ts'
import type { SpareWorkers } from './spare-workers.ts'

export interface WorkersOptions {
  readonly clock: Clock
  /** Absolute path of the tree. */
  readonly root: string
  /** What relative processors are resolved against. */
  readonly base: string
  /** The configuration as it is when a worker starts. */
  readonly config: () => ResolvedConfig
  readonly fork: ForkProcess | undefined
  readonly emit: (event: EngineEvent) => void
  /** Workers that the job before has left. @default none are taken over, and none are left */
  readonly spare?: SpareWorkers | undefined
}

/** The worker processes of a job; none is started yet. */
export function createWorkers({ clock, root, base, config, fork, emit, spare }: WorkersOptions): WorkerSet {
  let made = 0
  const create = () => {
    const { processors, maxFileBytes, workerHeapMb, recycleAfterFiles, recycleAboveMb, cpuProfDir, workerCount } =
      config()
    return new ChildExecutor({
      clock,
      root,
      base,
      processors,
      maxFileBytes,
      heapMb: workerHeapMb,
      memoryMb: () => config().workerMemoryMb,
      deadlineMs: () => config().timeoutSeconds * 1000,
      recycleAfterFiles,
      recycleAboveMb,
      helperThreads: workerCount < availableParallelism(),
      // One is enough to see where the time goes: its fellows do the same work.
      cpuProfDir: made++ === 0 ? cpuProfDir : null,
      onOutput: (line) => emit({ type: 'worker-output', line }),
      ...(fork !== undefined && { fork }),
    })
  }
  if (spare === undefined) return new WorkerSet(clock, create, emit)
  return new WorkerSet(
    clock,
    () => spare.take() ?? create(),
    emit,
    (executor) => spare.leave(executor),
  )
}
