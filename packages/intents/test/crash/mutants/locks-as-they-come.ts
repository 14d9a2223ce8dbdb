import { Client } from 'pg'
import type { Sink } from '../../../src/sink/sink.ts'
import type { Addition } from '../crash-intents.ts'
import { aroundSink } from './around-sink.ts'

const STATEMENTS = new Map([
  ['add', 'UPDATE counters SET last = $2, total = total + $3::int8 WHERE id = $1'],
  [
    'patch',
    `UPDATE documents SET data = jsonb_build_object('last', $2::text, 'total', coalesce((data->>'total')::int8, 0) + $3::int8) WHERE id = $1`,
  ],
  ['note', 'INSERT INTO notes VALUES ($1, $2) ON CONFLICT (id) DO UPDATE SET last = EXCLUDED.last'],
])

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
          const statement = STATEMENTS.get(definition.type)!
          await client.query(statement, definition.type === 'note' ? [row, name] : [row, name, amount])
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
