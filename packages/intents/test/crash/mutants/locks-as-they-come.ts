import { Client } from 'pg'
import type { Sink } from '../../../src/sink/sink.ts'
import type { Addition } from '../crash-intents.ts'
import { aroundSink } from './around-sink.ts'

/** Writes a batch in one transaction row by row, and so locks them in whatever order they come. Knows nothing of idempotency keys. */
export function locksAsTheyCome(sink: Sink, url: string): Sink {
  return aroundSink(sink, {
    async write({ waves }) {
      const client = new Client({ connectionString: url })
      try {
        await client.connect()
        await client.query('BEGIN')
        for (const { definition, payload } of waves.flat()) {
          const { name, row, amount } = payload as Addition
          const statement =
            definition.type === 'add'
              ? 'UPDATE counters SET total = total + $2::int8, last = $3 WHERE id = $1'
              : `UPDATE documents SET data = jsonb_build_object('total', coalesce((data->>'total')::int8, 0) + $2::int8, 'last', $3::text) WHERE id = $1`
          await client.query(statement, [row, amount, name])
        }
        await client.query('COMMIT')
        return new Map()
      } finally {
        await client.end()
      }
    },
    failureOf: () => 'transient',
  })
}
