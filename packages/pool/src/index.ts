export type { WorkerLike } from './channel/worker-channel.ts'
export { Codec, type ValueOf } from './codec/codec.ts'
export { codecFrom } from './codec/codec-from.ts'
export { type CodecMemory, memoryOn } from './codec/codec-memory.ts'
export type { CodecShape } from './codec/codec-shape.ts'
export { list } from './codec/list.ts'
export { optional } from './codec/optional.ts'
export { record } from './codec/record.ts'
export { boolean, number } from './codec/scalars.ts'
export { string } from './codec/string.ts'
export {
  float32Array,
  float64Array,
  int8Array,
  int16Array,
  int32Array,
  uint8Array,
  uint16Array,
  uint32Array,
} from './codec/typed-arrays.ts'
export type { PoolStream, PoolStreamOptions } from './deliver/pool-stream.ts'
export type { TaskCall, TaskSink } from './deliver/task-call.ts'
export { type CloseOptions, createPool, type MapOptions, type Pool, type PoolStats, type RunOptions } from './pool.ts'
export type { Delivery, PoolOptions, WhenFull } from './pool-options.ts'
export { serve } from './task/serve.ts'
export {
  defineTask,
  type InputOf,
  type OutputOf,
  type SignaturesOf,
  type Task,
  type TaskContext,
  type TaskFunction,
  type Tasks,
} from './task/task.ts'
export type { WorkerStats } from './transport/transport.ts'
