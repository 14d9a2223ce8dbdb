import { VirtualClock } from '@millrace/kernel'
import { expect, test } from 'vitest'
import { heartbeatCheck } from '../../src/checks/heartbeat/heartbeat-check.ts'
import { Heartbeats } from '../../src/checks/heartbeat/heartbeats.ts'
import { faultsOf, found, Probing } from './probing.ts'

const MINUTE = 60_000

function setUp() {
  const clock = new VirtualClock({ wallNow: 1_700_000_000_000 })
  const beats = new Heartbeats(clock)
  const probing = new Probing(heartbeatCheck(beats))
  const monitor = { name: 'backup', intervalMs: 10 * MINUTE, timeoutMs: 1000 }
  const look = (config: object = { grace: '1m' }) => found(probing.probe(config, 1000, monitor))
  return { clock, beats, probing, look, monitor }
}

test('silence longer than interval and grace is a failure', async () => {
  const { clock, beats, look } = setUp()
  beats.beat('backup')
  clock.advance(11 * MINUTE)
  expect(await look()).toBe('PASS')
  clock.advance(1)
  expect(await look()).toBe('FAIL: no heartbeat in time')
  beats.beat('backup')
  expect(await look()).toBe('PASS')
})

test('what never called is not judged before it is late', async () => {
  const { clock, look } = setUp()
  expect(await look()).toBe('FAULT')
  clock.advance(11 * MINUTE + 1)
  expect(await look()).toBe('FAIL: no heartbeat in time')
})

test('what is back from a pause, or from a repair, is not judged before it is late again', async () => {
  const { clock, beats, probing, look } = setUp()
  beats.beat('backup')
  clock.advance(60 * MINUTE)
  expect(await look()).toBe('FAIL: no heartbeat in time')
  probing.entered('backup')
  expect(await look()).toBe('FAULT')
  clock.advance(MINUTE)
  beats.beat('backup')
  expect(await look()).toBe('PASS')
  probing.entered('backup')
  clock.advance(11 * MINUTE + 1)
  expect(await look()).toBe('FAIL: no heartbeat in time')
})

test('a service may call less often than it is looked at', async () => {
  const { clock, beats, look } = setUp()
  beats.beat('backup')
  clock.advance(24 * 60 * MINUTE)
  expect(await look({ every: '24h', grace: '5m' })).toBe('PASS')
  expect(await look()).toBe('FAIL: no heartbeat in time')
})

test('neither a late call nor one from the future hides a silence', async () => {
  const { clock, beats, look } = setUp()
  const start = clock.wallNow()
  beats.beat('backup', start + 1_000_000_000)
  expect(beats.lastOf('backup')).toBe(start)
  clock.advance(5 * MINUTE)
  beats.beat('backup', start - 1)
  expect(beats.lastOf('backup')).toBe(start)
  beats.beat('another')
  beats.forget('another')
  expect(beats.lastOf('another')).toBeUndefined()
  clock.advance(7 * MINUTE)
  expect(await look()).toBe('FAIL: no heartbeat in time')
})

test('a faulty config is told', () => {
  const { beats } = setUp()
  expect(faultsOf(heartbeatCheck(beats), { every: 'often' })).toHaveLength(1)
})
