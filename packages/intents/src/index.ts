export type { BatchScheduler, IntentFor, StopOptions, StopReport, SubmitOptions } from './batch-scheduler.ts'
export { createBatchScheduler } from './create-batch-scheduler.ts'
export type { DeadLetter, DeadLetters } from './deliver/dead-letters.ts'
export { createFileDeadLetters, type FileDeadLettersOptions } from './deliver/file-dead-letters.ts'
export { type DefineIntentOptions, defineIntent, type IntentDefinition } from './intent/define-intent.ts'
export type { Intent, IntentOutcome, IntentResult } from './intent/intent.ts'
export type {
  ColumnType,
  Condition,
  InsertTarget,
  KeyColumn,
  PatchTarget,
  Row,
  RowChange,
  RowOf,
  SqlTarget,
  Target,
  UpdateTarget,
} from './intent/target.ts'
export { type BatchCosts, batchEfficiency } from './model/batch-efficiency.ts'
export { type BatchForecast, type BatchModelOptions, modelBatches } from './model/batch-model.ts'
export { Poisson } from './model/poisson.ts'
export type { Distribution, HealthStatus, PipelineMetrics, Rate } from './observe/pipeline-metrics.ts'
export type {
  AdaptiveBatchingConfig,
  BatchingOptions,
  BatchSchedulerOptions,
  CircuitBreakerConfig,
  Logger,
  RetryOptions,
} from './scheduler-options.ts'
export { createMemorySink, type MemorySink, type MemorySinkOptions } from './sink/memory-sink.ts'
export type { BatchOutcome, Failure, ItemOutcome, Sink, SinkStats, WriteBatch, WriteItem } from './sink/sink.ts'
export { type EventBus, type IntentBatch, type Stage, SystemEvent } from './sources/event-bus.ts'
export type { IntentSource, SourceScheduler } from './sources/intent-source.ts'
