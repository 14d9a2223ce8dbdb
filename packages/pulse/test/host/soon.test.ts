import { stat } from 'node:fs'
import { systemClock } from '@millrace/kernel/clock'
import { VirtualClock } from '@millrace/kernel/virtual-clock'
import { expect, test } from 'vitest'
import { soonBy } from '../../src/host/soon.ts'

test('by the clock of the system a callback comes behind the events that are there, and ahead of timers', async () => {
  const told: string[] = []
  await new Promise<void>((resolve) =>
    // Where an answer of the system is heard, as those of targets are.
    stat('.', () => {
      setTimeout(() => {
        told.push('a timer')
        resolve()
      }, 0)
      soonBy(systemClock)(() => told.push('soon'))
      queueMicrotask(() => told.push('this event'))
    }),
  )
  expect(told).toEqual(['this event', 'soon', 'a timer'])
})

test('by any other clock it comes when that says', async () => {
  const clock = new VirtualClock()
  const told: string[] = []
  soonBy(clock)(() => told.push('soon'))
  await new Promise<void>((resolve) => setImmediate(resolve))
  expect(told).toEqual([])
  clock.advance(0)
  expect(told).toEqual(['soon'])
})
