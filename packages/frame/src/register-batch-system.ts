import type { HostFrame } from '@millrace/kernel/frames/frame-host'
import type { BatchType } from './batch-type.ts'
import type { BatchController } from './frame.ts'
import type { FrameReport } from './observe/batch-stats.ts'
import type { SystemRun } from './system/batch-system.ts'
import type { SystemId } from './system/system-id.ts'

/**
 * Registers a function as a recurring system: it has a job in lane `type` every frame. `cost`, 0 to 1, is the share of the budget that a
 * job is believed to take until it was measured. `controller.register` takes more options.
 * @throws {MillraceError} `OPTION_INVALID`, `SYSTEM_INVALID`, `LANE_UNKNOWN`.
 */
export function registerBatchSystem<Output = unknown, Lane extends string = BatchType>(
  controller: BatchController<Lane>,
  type: NoInfer<Lane>,
  system: SystemRun<void, Output>,
  cost: number,
): SystemId<void, Output> {
  return controller.register<void, Output>({ type, cost, run: system })
}

/** Runs one frame of `controller`: a system for engines that own the loop, to be called once a frame or fixed step. */
export function batchDispatcherSystem(
  controller: Pick<BatchController<never>, 'runFrame'>,
  frame?: HostFrame,
): FrameReport {
  return controller.runFrame(frame)
}
