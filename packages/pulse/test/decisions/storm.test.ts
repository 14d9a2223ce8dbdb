import { expect, test } from 'vitest'
import { createPulse } from '../../src/create-pulse.ts'
import { createRig, fail, pass, Rig, type RigOptions } from '../rig/create-rig.ts'
import { forgetsWhoWaits } from '../simulate/mutants/engines.ts'

const accepted = { status: 'accepted' } as const
/** One is repaired a minute, and one at a time. */
const storm = { maxInterventions: 1, maxInterventionsPerMinute: 1 }
const monitor = (name: string) => ({ name, intervention: { timeoutMs: 600_000 } })

/** Two that fail together: the second waits. */
async function twoThatFail(options: RigOptions = {}, create = createPulse) {
  const rig = new Rig({ answer: () => fail, create, ...storm, ...options })
  await rig.load([monitor('a'), monitor('b')])
  await rig.until(rig.pulse.start())
  await rig.advance(30_100)
  const first = rig.repairs[0]!.order.monitor
  return { rig, first, second: first === 'a' ? 'b' : 'a' }
}

/** When a monitor came to a state. */
function cameTo(rig: Rig, name: string, state: string): number {
  return rig.events.find((event) => event.monitor === name && event.to === state)!.at
}

test('who waits in a storm is told of after a minute, and repaired when its turn comes', async () => {
  const { rig, second } = await twoThatFail()
  await rig.advance(59_000 - 10_000)
  expect(rig.told(second)).toEqual(['yellow'])
  await rig.advance(12_000)
  expect(rig.told(second)).toEqual(['yellow', 'red'])
  expect(rig.alerts.at(-1)).toMatchObject({ monitor: second, code: 'red', state: 'overdue' })
  expect(rig.alerts.at(-1)!.reason).toContain('its repair has waited for its turn for 60 s')
  const waited = cameTo(rig, second, 'overdue') - cameTo(rig, second, 'needed')
  expect(waited).toBeGreaterThanOrEqual(60_000)
  expect(waited).toBeLessThanOrEqual(60_100)
  await rig.advance(300_000)
  expect(rig.told(second)).toEqual(['yellow', 'red'])
  rig.repairs[0]!.end(accepted)
  await rig.advance(100)
  expect(rig.repairs).toHaveLength(2)
  rig.answer = () => pass
  rig.repairs[1]!.end(accepted)
  await rig.advance(30_000)
  expect(rig.path(second)).toEqual(['degraded', 'needed', 'overdue', 'pending', 'verifying', 'up'])
  expect(rig.told(second)).toEqual(['yellow', 'red', 'cyan', 'green'])
  expect(new Set(rig.alerts.filter((alert) => alert.monitor === second).map(({ incident }) => incident)).size).toBe(1)
})

test('of who waits nobody hears where an engine forgets it', async () => {
  const { rig, second } = await twoThatFail({}, await forgetsWhoWaits())
  await rig.advance(600_000)
  expect(rig.told(second)).toEqual(['yellow'])
})

test('who recovers while it is overdue is told green, and is not repaired', async () => {
  const { rig, second } = await twoThatFail({ overdueAfterMs: 5000 })
  await rig.advance(10_000)
  rig.answer = () => pass
  await rig.advance(30_000)
  expect(rig.told(second)).toEqual(['yellow', 'red', 'green'])
  rig.repairs[0]!.end(accepted)
  await rig.advance(120_000)
  expect(rig.repairs).toHaveLength(1)
})

test('who was told red while it waited is not told again that its repair was refused', async () => {
  const { rig, second } = await twoThatFail({ overdueAfterMs: 5000 })
  await rig.advance(60_000)
  rig.repairs[0]!.end(accepted)
  await rig.advance(100)
  rig.repairs[1]!.end({ status: 'refused', reason: 'no such container' })
  await rig.advance(60_000)
  expect(rig.path(second)).toEqual(['degraded', 'needed', 'overdue', 'pending', 'down'])
  expect(rig.told(second)).toEqual(['yellow', 'red'])
  expect(rig.pulse.find(second)!.state).toBe('down')
})

test('a red that was silenced while it waited is told after, and not yellow', async () => {
  const { rig, second } = await twoThatFail({ overdueAfterMs: 5000 })
  rig.pulse.silence(second, 60_000)
  await rig.advance(59_000)
  expect(rig.told(second)).toEqual(['yellow'])
  await rig.advance(12_000)
  expect(rig.told(second)).toEqual(['yellow', 'red'])
})

test('a restart goes on with the wait where it was, and tells nobody twice', async () => {
  const monitors = [monitor('a'), monitor('b'), monitor('c')]
  const rig = await createRig(monitors, { answer: () => fail, ...storm })
  await rig.advance(30_100)
  await rig.advance(20_000)
  const waiting = monitors.map(({ name }) => name).filter((name) => rig.pulse.find(name)!.state === 'needed')
  expect(waiting).toHaveLength(2)
  const restarted = async (before: Rig) => {
    await before.crash()
    return createRig(monitors, { answer: () => fail, store: rig.store, clock: rig.clock, ...storm })
  }
  // One takes the place that the last process had; the other waits on.
  const next = await restarted(rig)
  const [last] = waiting.filter((name) => next.pulse.find(name)!.state === 'needed')
  await next.advance(50_000)
  expect(next.told(last!)).toEqual(['red'])
  const waited = cameTo(next, last!, 'overdue') - cameTo(rig, last!, 'needed')
  expect(waited).toBeGreaterThanOrEqual(60_000)
  expect(waited).toBeLessThanOrEqual(60_200)
  next.repairs.at(-1)!.end(accepted)
  const third = await restarted(next)
  expect(third.pulse.find(last!)!.state).not.toBe('needed')
  await third.advance(120_000)
  expect(third.told(last!)).not.toContain('yellow')
  expect(third.told(last!)).not.toContain('red')
})
