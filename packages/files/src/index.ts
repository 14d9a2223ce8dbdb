export { discoverFiles } from './discovery/discover-files.ts'
export type { DiscoverOptions, Discovery, DiscoveryChunk, DiscoveryProblem } from './discovery/discovery.ts'
export { globFault } from './discovery/glob-fault.ts'
export { openRoot } from './discovery/root.ts'
export { VENDOR_FOLDERS } from './discovery/vendor-folders.ts'
export type { DeliveredFile, FailedAttempt, QuarantinedFile } from './dispatch/outcome.ts'
export type { CheckpointData } from './engine/checkpoint.ts'
export type { BatchConfig, RuntimeConfig } from './engine/config.ts'
export type {
  BatchStatistics,
  EngineEvent,
  EngineHealth,
  PauseCause,
  WorkerStatistics,
} from './engine/events.ts'
export type { RepositoryProcessingResult } from './engine/result.ts'
export type { DiscoveredFile, ExcludedFile, ExclusionReason, FileKind } from './file.ts'
export {
  BatchProcessingEngine,
  type EnginePorts,
  type ProcessRepositoryOptions,
  type ResumeOptions,
} from './files.ts'
export { isOwnerAlive, type ProcessProbe, probeProcess } from './ledger/job-owner.ts'
export type * from './ledger/ledger.ts'
export { openLedger } from './ledger/open-ledger.ts'
export {
  type BatchStrategy,
  costStrategy,
  defineBatchStrategy,
  type FileBatch,
  type PlanContext,
} from './plan/batch-strategy.ts'
export { BatchPriority, type PriorityFunction, type PriorityRule } from './plan/priority.ts'
export {
  type BatchExecutionResult,
  type BatchProcessor,
  type BatchResult,
  createOptimalBatches,
  executeParallelBatches,
  type ProcessBatchOptions,
  processBatch,
} from './process-batches.ts'
export type { Chunk, ChunksRecord } from './processor/chunks/chunks.ts'
export { type CommandOptions, type CommandRecord, commandProcessor } from './processor/command/command.ts'
export type { DuplicatesRecord } from './processor/duplicates/duplicates.ts'
export {
  type CopiedStretch,
  type Duplicate,
  type DuplicatesReport,
  type FindDuplicatesOptions,
  findDuplicates,
} from './processor/duplicates/find-duplicates.ts'
export type { TextMatch } from './processor/licenses/license-texts.ts'
export type { LicensesRecord } from './processor/licenses/licenses.ts'
export {
  defineProcessor,
  type FileInput,
  type Highlight,
  type ProcessedRecord,
  type Processor,
} from './processor/processor.ts'
export type {
  AstDialect,
  DeclarationFact,
  DiagnosticFact,
  ExportFact,
  FunctionFact,
  ImportFact,
  SyntaxRecord,
} from './processor/syntax-record.ts'
export { defineTransform, type Transform } from './processor/transform.ts'
export { type QueryAnswer, type QueryOptions, type QueryValue, queryResults } from './query/query-results.ts'
export type { TreeNode } from './report/folder-tree.ts'
export type { ReportData } from './report/report-data.ts'
export { makeReport, writeReport } from './report/write-report.ts'
export { type CronSchedule, type CronScheduleOptions, readCron } from './schedule/cron-schedule.ts'
export { type ScheduledMoment, type ScheduledOptions, scheduled } from './schedule/scheduled.ts'
export { defineSink, type ResultRow, type Sink, type SinkTarget, type SinkWriter } from './sink/sink.ts'
export type { Bottleneck, ClusterForecast, ClusterPlanOptions } from './sizing/cluster-forecast.ts'
export { type ClusterPlan, planCluster } from './sizing/cluster-plan.ts'
export type { OpenTreeWatcher, TreeWatcher, TreeWatcherOptions } from './watch/tree-watcher.ts'
export type { WatchedRun, WatchOptions } from './watch/watch-tree.ts'
export type { ForkProcess } from './worker/child-executor.ts'
export type { ProcessorFunction } from './worker/in-process-executor.ts'
