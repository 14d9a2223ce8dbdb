import { createBatchScheduler } from '@millrace/intents'
import { VirtualClock } from '@millrace/kernel'
import { expect, it } from 'vitest'
import { AuditedSink } from '../../src/intents/serve/audited-sink.ts'
import { CommittingSink, move } from './committing-sink.ts'

it('a line for each batch tells which intents it had, and how each ended', async () => {
  const lines: [object, string | undefined][] = []
  const write = (facts: object, message?: string) => void lines.push([facts, message])
  const sink = new AuditedSink(new CommittingSink(), { info: write, error: write }, new VirtualClock())
  const scheduler = createBatchScheduler({ sink, intents: [move] })
  await scheduler.start()
  await scheduler.submitMany([
    { type: 'move', payload: { id: 1 }, key: 'one', idempotencyKey: 'a' },
    { type: 'move', payload: { id: 2, fail: 'ROW_EXISTS' } },
  ])
  await scheduler.stop()
  expect(lines).toEqual([
    [
      {
        batch: 1,
        size: 2,
        ms: 0,
        intents: expect.arrayContaining([
          { type: 'move', key: 'one', idempotencyKey: 'a', status: 'committed' },
          { type: 'move', status: 'failed', code: 'ROW_EXISTS' },
        ]),
      },
      'batch-committed',
    ],
  ])
})

it('a batch that was not written has a line too, with the reason', async () => {
  const lines: object[] = []
  const write = (facts: object) => void lines.push(facts)
  const failing = new CommittingSink()
  failing.write = () => Promise.reject(new Error('the server is gone'))
  const sink = new AuditedSink(failing, { info: write, error: write }, new VirtualClock())
  const scheduler = createBatchScheduler({ sink, intents: [move] })
  await scheduler.start()
  await expect(scheduler.submit({ type: 'move', payload: { id: 1 } })).rejects.toMatchObject({
    code: 'OUTCOME_UNKNOWN',
  })
  await scheduler.stop()
  expect(lines[0]).toMatchObject({ batch: 1, failure: 'unknown', intents: [{ type: 'move' }] })
})
