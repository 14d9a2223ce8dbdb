import type { Sink } from '../sink.ts'
import { SqlSink } from '../sql/sql-sink.ts'
import { Connection } from './connection.ts'
import { createLockView } from './lock-view.ts'
import { LockWatch } from './lock-watch.ts'
import { type PostgresSinkOptions, resolvePostgresOptions } from './postgres-options.ts'

/**
 * Writes batches to PostgreSQL, 14 or later.
 *
 * A batch is one transaction and, without idempotency keys, one round trip. `write` resolves when the server has confirmed the COMMIT; how
 * durable that is is the server's business (`synchronous_commit`). Rows are locked in the order of their keys, so that several sinks, in
 * whatever processes, do not deadlock on them. The order of intents of one key is kept within a sink, not across several. It needs sessions
 * of its own: a pooler in between must pool those, not transactions. While batches take longer than 100 ms it has one connection more, to
 * see whether they wait for locks.
 * @throws {MillraceError} `OPTION_INVALID`.
 */
export function createPostgresSink(options: PostgresSinkOptions): Sink {
  const { client, connections, schema, keepKeysMs, clock } = resolvePostgresOptions(options)
  return new SqlSink({
    openSession: () => Connection.open(client),
    sessions: connections,
    schema,
    keepKeysMs,
    clock,
    setUp: options.setUp,
    watch: new LockWatch(createLockView(client), clock),
  })
}
