import { VirtualClock } from '@millrace/kernel'
import { messageOf } from '@millrace/kernel/test/property'
import { describe, expect, expectTypeOf, it } from 'vitest'
import * as z from 'zod'
import { createBatchScheduler } from '../../src/create-batch-scheduler.ts'
import { defineIntent, type IntentDefinition } from '../../src/intent/define-intent.ts'
import { ScriptedSink } from '../scheduler/scripted-sink.ts'

const target = { kind: 'insert', table: 'moves', columns: { body: 'jsonb' } } as const
const toRow = (body: unknown) => ({ body })
const sink = new ScriptedSink(new VirtualClock())

describe('defineIntent', () => {
  it.each<object>([
    { type: '' },
    { type: 'x'.repeat(201) },
    { type: 5 },
    { schema: {} },
    { target: null },
    { toRow: undefined },
    { key: 5 },
    { merge: {} },
    { maxPayloadBytes: 0 },
  ])('refuses %o, and names the field', async (bad) => {
    const [field] = Object.keys(bad)
    const define = () => defineIntent({ type: 'move', target, toRow, ...bad } as never)
    expect(await messageOf('OPTION_INVALID', define)).toContain(`defineIntent: ${field} must be`)
  })

  it('takes its types from its schema, and a scheduler takes them from it', () => {
    const schema = z.object({ id: z.string(), by: z.number().default(1) })
    const move = defineIntent({ type: 'move', schema, target, toRow: ({ id, by }) => ({ body: { id, by: by + 1 } }) })
    expectTypeOf(move.toRow).parameter(0).toEqualTypeOf<{ id: string; by: number }>()
    const scheduler = createBatchScheduler({ sink, intents: [move], clock: new VirtualClock() })
    expectTypeOf(scheduler.submit).parameter(0).toHaveProperty('type').toEqualTypeOf<'move'>()
    expectTypeOf(scheduler.submit).parameter(0).toHaveProperty('payload').toEqualTypeOf<z.input<typeof schema>>()
  })
})

describe('the intents of a scheduler', () => {
  const move = defineIntent({ type: 'move', target, toRow })
  const make = (intents: unknown) => () => createBatchScheduler({ sink, intents: intents as IntentDefinition[] })

  it('are definitions, each type once', async () => {
    expect(await messageOf('OPTION_INVALID', make([move, move]))).toContain('the type "move" twice')
    expect(await messageOf('OPTION_INVALID', make([{ type: 'move' }]))).toContain('defineIntent()')
    expect(await messageOf('OPTION_INVALID', make([]))).toContain('at least one')
    await messageOf('OPTION_INVALID', make('move'))
  })
})
