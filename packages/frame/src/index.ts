export type { BatchJob, JobId } from './batch-job.ts'
export { BatchType } from './batch-type.ts'
export type { BudgetViolation, JobDrop, JobFailure, SystemSuspension } from './controller-events.ts'
export { BatchController } from './frame.ts'
export type { AnyExecutor, BatchControllerOptions, LaneOptions } from './frame-options.ts'
export { type AnimationFramesOptions, animationFrames } from './hosts/animation-frames.ts'
export { driveFrames, type FrameLoop } from './hosts/drive-frames.ts'
export { fixedStep } from './hosts/fixed-step.ts'
export type { FrameDriven, FrameHost, FrameUse, HostFrame, TimedFrame } from './hosts/frame-host.ts'
export { messageFrames } from './hosts/message-frames.ts'
export { timerFrames } from './hosts/timer-frames.ts'
export { xrFrames } from './hosts/xr-frames.ts'
export type { BatchStats, DurationStats, FrameReport, LaneStats } from './observe/batch-stats.ts'
export type { SubmitOptions } from './queue/job-intake.ts'
export { batchDispatcherSystem, registerBatchSystem } from './register-batch-system.ts'
export {
  type BatchSystem,
  defineBatchSystem,
  defineRemoteBatchSystem,
  type RemoteBatchSystem,
  type SystemRun,
} from './system/batch-system.ts'
export type { SystemFrame } from './system/system-frame.ts'
export type { SystemId } from './system/system-id.ts'
export type { SystemStatus } from './system/system-table.ts'
