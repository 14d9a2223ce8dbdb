export type { BatchTime } from '../../model/batch-time.ts'
export type { Recommendation } from '../../model/recommend-batching.ts'
export type { SizePoint } from '../../model/sweep-sizes.ts'
export { type TuneOptions, type TuneResult, tunePostgres } from '../../model/tune-postgres.ts'
export {
  createPostgresDeadLetters,
  type PostgresDeadLetters,
  type PostgresDeadLettersOptions,
} from './postgres-dead-letters.ts'
export type { PostgresSinkOptions } from './postgres-options.ts'
export { createPostgresSink } from './postgres-sink.ts'
