import { messageOf } from '@millrace/kernel/test/property'
import { describe, expect, test } from 'vitest'
import { defineIntent } from '../../src/intent/define-intent.ts'
import { createMemorySink } from '../../src/sink/memory-sink.ts'
import { sinkConformance } from './conformance.ts'

describe('a sink in memory', () => {
  sinkConformance(async () => {
    const sink = createMemorySink()
    return { sink, rows: async (table) => sink.rows(table), end: () => sink.close() }
  })

  test('begins with what it is given, and hands out copies', () => {
    const sink = createMemorySink({ tables: { players: [{ id: 'a', data: { hp: 1 } }] } })
    const [row] = sink.rows('players')
    row!.id = 'b'
    expect(sink.rows('players')).toEqual([{ id: 'a', data: { hp: 1 } }])
  })

  test('has no SQL', async () => {
    const sql = defineIntent({
      type: 'sql',
      target: { kind: 'sql', text: 'SELECT 1', columns: { id: 'text' } },
      toRow: () => ({}),
    })
    await messageOf('TARGET_UNSUPPORTED', () => createMemorySink().open([sql]))
  })
})
