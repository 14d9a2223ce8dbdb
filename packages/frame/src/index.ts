export {
  type AnimationFramesOptions,
  type AnimationWindow,
  animationFrames,
} from '@millrace/kernel/frames/animation-frames'
export type { FrameHost, FrameUse, HostFrame, TimedFrame } from '@millrace/kernel/frames/frame-host'
export { type TimerFramesOptions, timerFrames } from '@millrace/kernel/frames/timer-frames'
export type { BatchJob, JobId } from './batch-job.ts'
export { type BatchProcessingOptions, BatchProcessingPlugin, type NamedSystems } from './batch-processing-plugin.ts'
export { BatchType } from './batch-type.ts'
export { type RecordedClock, recordClock, replayClock } from './clock/recorded-clock.ts'
export type { BudgetViolation, FrameStart, JobDrop, JobFailure, SystemSuspension } from './controller-events.ts'
export { BatchController } from './frame.ts'
export type { AnyExecutor, BatchControllerOptions, LaneOptions } from './frame-options.ts'
export { type DriveFramesOptions, driveFrames, type FrameDriven, type FrameLoop } from './hosts/drive-frames.ts'
export { type FixedStepFrame, type FixedStepOptions, fixedStep } from './hosts/fixed-step.ts'
export { type MessageFramesOptions, messageFrames } from './hosts/message-frames.ts'
export { type XrFrameSession, type XrFramesOptions, xrFrames } from './hosts/xr-frames.ts'
export type { BatchStats, DurationStats, FrameReport, LaneStats } from './observe/batch-stats.ts'
export {
  type DevtoolsColor,
  type DevtoolsTracksOptions,
  type DevtoolsWindow,
  devtoolsTracks,
} from './observe/devtools-tracks.ts'
export { type FrameFigures, frameMetrics } from './observe/frame-metrics.ts'
export {
  batchPerformanceMonitorSystem,
  type PerformanceMonitorOptions,
  type PerformanceSnapshot,
  type PerformanceTracker,
} from './observe/performance-tracker.ts'
export { type MetricFamily, type MetricSample, prometheusText } from './observe/prometheus.ts'
export type { SubmitOptions } from './queue/job-intake.ts'
export { batchDispatcherSystem, registerBatchSystem } from './register-batch-system.ts'
export { JobInbox, type JobInboxOptions, type JobRefusal, type RingDamage } from './remote/job-inbox.ts'
export { createJobRing, type JobRingOptions } from './remote/job-ring.ts'
export { JobSender } from './remote/job-sender.ts'
export { receiveJobs } from './remote/receive-jobs.ts'
export {
  type BatchSystem,
  defineBatchSystem,
  defineRemoteBatchSystem,
  type RemoteBatchSystem,
  type SystemRun,
} from './system/batch-system.ts'
export {
  batchSystem,
  type MethodSystems,
  type RecurringMethodOptions,
  registerBatchSystems,
  type SubmittedMethodOptions,
} from './system/batch-system-decorator.ts'
export type { SystemFrame } from './system/system-frame.ts'
export type { SystemId } from './system/system-id.ts'
export type { SystemIdOf, SystemIdOfRun } from './system/system-id-of.ts'
export type { SystemStatus } from './system/system-table.ts'
