export type { FractureAdapter, FragmentNeeds } from './adapters/fracture-adapter.ts'
export type { CutoutBatchProcessorOptions, WhenFull } from './batch-options.ts'
export type { CacheStats } from './cache/result-cache.ts'
export { CutoutBatch, CutoutBatchAutoload, type CutoutBatchOptions } from './cutout-batch.ts'
export {
  type CloseOptions,
  CutoutBatchProcessor,
  type FractureOptions,
} from './cutout-batch-processor.ts'
export type { FractureStream, FractureStreamOptions, StreamResult } from './deliver/fracture-stream.ts'
export type {
  BatchCompletion,
  FractureOutcome,
  JobCancellation,
  JobCompletion,
  JobFailure,
  JobProgress,
} from './deliver/processor-events.ts'
export { FractureBatch } from './fracture-batch.ts'
export { type CutHooks, fracturePolygon } from './fracture-polygon.ts'
export type { Earcut } from './mesh/triangulate.ts'
export { type CheckedParams, checkParams } from './patterns/check-params.ts'
export type * from './patterns/fracture-params.ts'
export type * from './polygon/polygon.ts'
export type { CutoutBatchLearned, CutoutBatchStats } from './processor-stats.ts'
export type { JobId } from './queue/job.ts'
export type { SubmitOptions } from './queue/job-intake.ts'
export type { ParamsOfMany } from './queue/params-of-many.ts'
export { FractureResult } from './result/fracture-result.ts'
export type { Fragment, FragmentMesh } from './result/fragment.ts'
export type { PackedFragments } from './result/packed-fragments.ts'
export type { FracturePool } from './task/cut-line.ts'
export { type CutInput, type CutOutput, type FractureTasks, fractureTasks } from './task/fracture-task.ts'
