import { createBatchScheduler, defineIntent } from '@millrace/intents'
import { createPostgresSink } from '@millrace/intents/postgres'
import type { ClientConfig } from 'pg'
import type { BatchScheduler, BatchSchedulerOptions, Sink } from '../../packages/intents/src/index.ts'

export interface Move {
  readonly key: string
  readonly x: number
}

/** Everybody's work: a dot path of a JSONB column is set, by key. */
export const move = defineIntent({
  type: 'move',
  target: { kind: 'patch', table: 'players', key: { column: 'id' }, column: 'data' },
  toRow: ({ key, x }: Move) => ({ key, set: { 'position.x': x } }),
})

export type MoveScheduler = BatchScheduler<readonly [typeof move]>

export interface OursOptions extends Omit<BatchSchedulerOptions, 'sink' | 'intents'> {
  readonly connections?: number
  /** Stands between the scheduler and the sink. */
  readonly around?: (sink: Sink) => Sink
}

/** Ours, writing to a database. */
export async function openOurs(config: ClientConfig, options: OursOptions = {}): Promise<MoveScheduler> {
  const { connections = 2, around = (sink) => sink, ...rest } = options
  const sink = createPostgresSink({ connection: config, connections })
  const scheduler = createBatchScheduler({
    sink: around(sink),
    intents: [move],
    maxConcurrentBatches: connections,
    ...rest,
  })
  await scheduler.start()
  return scheduler
}
