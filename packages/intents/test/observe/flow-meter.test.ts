import { expect, test } from 'vitest'
import { FlowMeter } from '../../src/observe/flow-meter.ts'
import { databaseRefused } from '../../src/sink/sql/database-failure.ts'
import { Rig } from '../scheduler/rig.ts'

const refused = (code: string) =>
  databaseRefused(Object.assign(new Error('as the server says it'), { code, severity: 'ERROR' }))

const metricsOf = (meter: FlowMeter) =>
  meter.snapshot(
    0,
    { items: 0, bytes: 0, maxItems: 1, maxBytes: 1 },
    { waiting: 0, writing: 0 },
    { batchSize: 1, fixedMs: 0, perIntentMs: 0 },
    0,
  )

test('attempts that the database ended because of a deadlock are counted', () => {
  const meter = new FlowMeter()
  meter.answered(0, 0, 1, undefined, undefined)
  for (const code of ['40P01', '40001', '23505', '40P01']) meter.answered(0, 0, 1, 'transient', refused(code))
  meter.answered(0, 0, 1, 'unknown', new Error('40P01'))
  expect(metricsOf(meter).deadlocks).toBe(2)
})

test('a batch is told in bytes, without what was withdrawn', async () => {
  const rig = await new Rig({ adaptiveBatching: false }).start()
  expect(rig.scheduler.metrics.batchBytesDistribution).toMatchObject({ count: 0, max: Number.NaN })
  const withdrawn = new AbortController()
  rig.submitMany(10)
  const { bytes } = rig.scheduler.metrics.held
  rig.submit({}, withdrawn.signal)
  withdrawn.abort()
  await rig.clock.advance(10)
  rig.submit()
  const { bytes: single } = rig.scheduler.metrics.held
  await rig.clock.advance(10)
  const { count, max, mean } = rig.scheduler.metrics.batchBytesDistribution
  expect({ count, max, mean }).toEqual({ count: 2, max: bytes, mean: (bytes + single) / 2 })
})

test('what the sink tells of locks is passed on as it is, and NaN where it tells nothing', async () => {
  const rig = await new Rig().start()
  expect(rig.scheduler.metrics.lockWaitMs).toBeNaN()
  let lockWaitMs = 12
  Object.defineProperty(rig.sink, 'stats', { get: () => ({ lockWaitMs }) })
  expect(rig.scheduler.metrics.lockWaitMs).toBe(12)
  lockWaitMs = 13
  expect(rig.scheduler.metrics.lockWaitMs).toBe(13)
})
