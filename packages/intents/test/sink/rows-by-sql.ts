import { defineIntent, type IntentDefinition } from '../../src/intent/define-intent.ts'
import type { Sink } from '../../src/sink/sink.ts'
import { item } from './conformance.ts'

/** Reads tables through a sink, for databases that have no other session. */
export const LOOKS: readonly IntentDefinition[] = ['players', 'accounts', 'events'].map(
  (table) =>
    defineIntent({
      type: `look-${table}`,
      target: {
        kind: 'sql',
        text: `SELECT ord, (SELECT jsonb_agg(to_jsonb(t)) FROM ${table} t) AS rows FROM input`,
        columns: { at: 'int4' },
      },
      toRow: () => ({ at: 0 }),
    }) as unknown as IntentDefinition,
)

export async function rowsBySql(sink: Sink, table: string): Promise<Record<string, unknown>[]> {
  const look = item(
    LOOKS.find(({ type }) => type === `look-${table}`),
    {},
  )
  const outcomes = await sink.write({ id: 0, waves: [[look]], size: 1 }, new AbortController().signal)
  const outcome = outcomes.get(look)
  return outcome?.status === 'committed'
    ? ((outcome.value as { rows: Record<string, unknown>[] | null }).rows ?? [])
    : []
}
