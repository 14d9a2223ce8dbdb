import { type Clock, VirtualClock } from '@millrace/kernel'
import { expect, test } from 'vitest'
import { heartbeatCheck } from '../../src/checks/heartbeat/heartbeat-check.ts'
import { Heartbeats } from '../../src/checks/heartbeat/heartbeats.ts'
import { SimulatedClock } from '../../src/simulate/simulated-clock.ts'
import { faultsOf, found, Probing } from './probing.ts'

const MINUTE = 60_000

function virtualClock() {
  return new VirtualClock({ wallNow: 1_700_000_000_000 })
}

function setUp<Time extends Clock>(clock: Time) {
  const beats = new Heartbeats(clock)
  const probing = new Probing(heartbeatCheck(beats))
  const monitor = { name: 'backup', intervalMs: 10 * MINUTE, timeoutMs: 1000 }
  const look = (config: object = { grace: '1m' }) => found(probing.probe(config, 1000, monitor))
  return { clock, beats, probing, look, monitor }
}

test('silence longer than interval and grace is a failure', async () => {
  const { clock, beats, look } = setUp(virtualClock())
  beats.beat('backup')
  clock.advance(11 * MINUTE)
  expect(await look()).toBe('PASS')
  clock.advance(1)
  expect(await look()).toBe('FAIL: no heartbeat in time')
  beats.beat('backup')
  expect(await look()).toBe('PASS')
})

test('what never called is not judged before it is late', async () => {
  const { clock, look } = setUp(virtualClock())
  expect(await look()).toBe('FAULT')
  clock.advance(11 * MINUTE + 1)
  expect(await look()).toBe('FAIL: no heartbeat in time')
})

test('what is back from a pause, or from a repair, is not judged before it is late again', async () => {
  const { clock, beats, probing, look } = setUp(virtualClock())
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
  const { clock, beats, look } = setUp(virtualClock())
  beats.beat('backup')
  clock.advance(24 * 60 * MINUTE)
  expect(await look({ every: '24h', grace: '5m' })).toBe('PASS')
  expect(await look()).toBe('FAIL: no heartbeat in time')
})

test('a wall clock that is set hides no silence, and makes nobody silent', async () => {
  const clock = new SimulatedClock(1_700_000_000_000)
  const { beats, look } = setUp(clock)
  beats.beat('backup')
  clock.jump(60 * MINUTE)
  expect(await look()).toBe('PASS')
  clock.jump(-120 * MINUTE)
  clock.turn(11 * MINUTE + 1)
  expect(await look()).toBe('FAIL: no heartbeat in time')
})

test('what is forgotten is awaited anew, and that it is forgotten is to be kept', async () => {
  const { clock, beats, look } = setUp(virtualClock())
  beats.beat('backup')
  expect(beats.takeNews()).toEqual([{ name: 'backup', at: clock.wallNow() }])
  expect(beats.takeNews()).toEqual([])
  beats.forget('backup')
  expect(beats.takeNews()).toEqual([{ name: 'backup', at: 0 }])
  expect(await look()).toBe('FAULT')
})

test('a faulty config is told', () => {
  const { beats } = setUp(virtualClock())
  expect(faultsOf(heartbeatCheck(beats), { every: 'often' })).toHaveLength(1)
})
