import { setImmediate as turn } from 'node:timers/promises'
import { VirtualClock } from '@millrace/kernel'
import { expect, test } from 'vitest'
import { SilenceWatch } from '../../src/worker/silence-watch.ts'

function watch(allowed = { ms: 100 }) {
  const clock = new VirtualClock()
  const silences: number[] = []
  const silence = new SilenceWatch(
    clock,
    () => allowed.ms,
    (ms) => silences.push(ms),
  )
  const pass = async (ms: number) => {
    clock.advance(ms)
    clock.advance(1)
    await turn()
    await turn()
  }
  return { clock, silences, silence, pass }
}

test('tells a silence once it is as long as is allowed', async () => {
  const { silences, silence, pass } = watch()
  silence.start()
  await pass(90)
  expect(silences).toEqual([])
  await pass(20)
  expect(silences).toEqual([100])
  await pass(1000)
  expect(silences).toEqual([100])
})

test('what is heard puts it off', async () => {
  const { silences, silence, pass } = watch()
  silence.start()
  for (let n = 0; n < 10; n++) {
    await pass(60)
    silence.heard()
  }
  expect(silences).toEqual([])
  await pass(110)
  expect(silences).toEqual([100])
})

test('what has arrived meanwhile is read before the verdict', async () => {
  const { clock, silences, silence } = watch()
  silence.start()
  // This process was held up; the message is read in the same turn as the timer.
  clock.advance(500)
  clock.advance(1)
  silence.heard()
  await turn()
  await turn()
  expect(silences).toEqual([])
})

test('is over when stopped, before and after the time', async () => {
  const { clock, silences, silence, pass } = watch()
  silence.start()
  silence.stop()
  await pass(500)
  silence.start()
  clock.advance(100)
  clock.advance(1)
  silence.stop()
  await turn()
  await turn()
  expect(silences).toEqual([])
})

test('asks anew what is allowed each time it looks', async () => {
  const allowed = { ms: 100 }
  const { silences, silence, pass } = watch(allowed)
  silence.start()
  allowed.ms = 300
  await pass(200)
  expect(silences).toEqual([])
  await pass(200)
  expect(silences).toEqual([300])
})
