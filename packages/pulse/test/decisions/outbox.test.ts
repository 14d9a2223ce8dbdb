import { withPart } from '@millrace/kernel/test/with-part'
import { expect, test } from 'vitest'
import type * as laneModule from '../../src/alerts/delivery-lane.ts'
import { DeliveryLane, MOST_WAITING } from '../../src/alerts/delivery-lane.ts'
import type * as pulseModule from '../../src/create-pulse.ts'
import type { StoredAlert } from '../../src/store/pulse-store.ts'
import { storedAlert } from '../alerts/samples.ts'
import { createRig, fail, pass, Rig } from '../rig/create-rig.ts'

/** Two incidents of which a place hears nothing before the second is over, but for the beginning of the first. */
async function twoIncidents(create?: typeof pulseModule.createPulse) {
  const rig = new Rig({ answer: () => fail, ...(create && { create }) })
  await rig.load([{ name: 'api' }])
  await rig.until(rig.pulse.start())
  await rig.advance(40_000)
  expect(rig.told('api')).toEqual(['yellow', 'red'])
  rig.deliver = () => Promise.reject(new Error('nobody answers'))
  for (const answer of [pass, fail, pass]) {
    rig.answer = () => answer
    await rig.advance(40_000)
  }
  return rig
}

/** Whether each place hears of the end of what it heard the beginning of. */
function openIncidents(rig: Rig): readonly string[] {
  const open = new Set<string>()
  for (const { incident, code } of rig.alerts) {
    if (code === 'green') open.delete(incident)
    else open.add(incident)
  }
  return [...open]
}

test('where a place takes nothing for an incident and the next, it hears of the end of both', async () => {
  const rig = await twoIncidents()
  expect(rig.pulse.metrics.alerts.waiting).toBe(4)
  expect(rig.pulse.find('api')!.undelivered).toEqual(['red', 'yellow', 'green'])
  rig.deliver = async () => {}
  await rig.advance(600_000)
  expect(rig.told('api')).toEqual(['yellow', 'red', 'green', 'yellow', 'red', 'green'])
  expect(openIncidents(rig)).toEqual([])
  expect(rig.pulse.find('api')!.undelivered).toEqual([])
})

test('and so it does after a restart', async () => {
  const rig = await twoIncidents()
  await rig.crash()
  const next = await createRig([{ name: 'api' }], { store: rig.store, clock: rig.clock })
  await next.advance(1000)
  expect(next.told('api')).toEqual(['green', 'yellow', 'red', 'green'])
  expect(next.pulse.metrics.alerts).toMatchObject({ waiting: 0, delivered: 4 })
})

test('of an outbox with one place for each colour, the first incident would never end', async () => {
  const { createPulse } = await withPart<typeof pulseModule, typeof laneModule>(
    new URL('../../src/', import.meta.url),
    'create-pulse.ts',
    'alerts/delivery-lane.ts',
    ({ DeliveryLane: Lane }) => ({
      DeliveryLane: class extends Lane {
        override add(alert: StoredAlert): readonly StoredAlert[] {
          for (const other of this.takeOut()) if (other.code !== alert.code) super.add(other)
          return super.add(alert)
        }
      },
    }),
  )
  const rig = await twoIncidents(createPulse)
  rig.deliver = async () => {}
  await rig.advance(600_000)
  expect(openIncidents(rig)).not.toEqual([])
})

test('of a monitor a hundred wait for a place: beyond, the oldest incidents that it never heard of are left out', () => {
  const lane = new DeliveryLane(1)
  const first = storedAlert({ code: 'green', incident: 0, number: 0 })
  lane.add(first)
  const leftOut: StoredAlert[] = []
  for (let incident = 1; incident <= 60; incident++) {
    for (const code of ['red', 'green'] as const) {
      leftOut.push(...lane.add(storedAlert({ code, incident, number: 2 * incident + (code === 'green' ? 1 : 0) })))
    }
  }
  expect(lane.waiting).toBeLessThanOrEqual(MOST_WAITING)
  expect(leftOut.length + lane.waiting).toBe(121)
  expect(leftOut.map(({ incident }) => incident)).toEqual(
    Array.from({ length: leftOut.length }, (_, at) => 1 + Math.floor(at / 2)),
  )
  const order: number[] = []
  for (let line = lane.take(); line !== undefined; line = lane.take()) {
    order.push(line.underWay!.incident)
    lane.settle(line)
  }
  expect(order[0]).toBe(0)
  expect(order.at(-1)).toBe(60)
  expect(order).toEqual(order.toSorted((a, b) => a - b))
  expect(lane.isEmpty).toBe(true)
})
