import { VirtualClock } from '@millrace/kernel/virtual-clock'
import { expect, test } from 'vitest'
import { type LockView, LockWatch } from '../../../src/sink/postgres/lock-watch.ts'
import type { SinkSession } from '../../../src/sink/sql/sessions.ts'
import { StepClock, settled } from '../../scheduler/step-clock.ts'

const sessionOf = (processId: number) => ({ processId }) as SinkSession

/** A server on which others hold locks; what it was asked, and when. */
class Server implements LockView {
  readonly asked: { readonly at: number; readonly processIds: readonly number[] }[] = []
  readonly blocked = new Set<number>()
  readonly #clock: StepClock
  isAway = false
  isOpen = false

  constructor(clock: StepClock) {
    this.#clock = clock
  }

  async waiting(processIds: readonly number[]): Promise<readonly number[]> {
    this.asked.push({ at: this.#clock.now(), processIds })
    this.isOpen = true
    if (this.isAway) throw new Error('the server is away')
    return processIds.filter((processId) => this.blocked.has(processId))
  }

  async close(): Promise<void> {
    this.isOpen = false
  }
}

function watched() {
  const clock = new StepClock()
  const server = new Server(clock)
  return { clock, server, watch: new LockWatch(server, clock) }
}

test('batches that are fast are not asked about, and cost one timer in 100 ms together', async () => {
  const { clock, server, watch } = watched()
  const one = sessionOf(1)
  for (let batch = 0; batch < 100; batch++) {
    watch.begun(one)
    expect(clock.pending).toBe(1)
    await clock.advance(99)
    watch.ended(one)
  }
  await clock.advance(100)
  expect([server.asked, watch.stats, clock.pending]).toEqual([[], { lockWaitMs: 0 }, 0])
})

test('a session that waits counts for the time since the last look, or since its batch began', async () => {
  const { clock, server, watch } = watched()
  watch.begun(sessionOf(1))
  server.blocked.add(1).add(2).add(9)
  await clock.advance(100)
  expect(watch.stats).toEqual({ lockWaitMs: 100 })
  await clock.advance(30)
  watch.begun(sessionOf(2))
  watch.begun(sessionOf(3))
  await clock.advance(70)
  expect(watch.stats).toEqual({ lockWaitMs: 100 + 100 + 70 })
  server.blocked.delete(1)
  await clock.advance(100)
  expect(watch.stats).toEqual({ lockWaitMs: 270 + 100 })
  expect(server.asked).toEqual([
    { at: 100, processIds: [1] },
    { at: 200, processIds: [1, 2, 3] },
    { at: 300, processIds: [1, 2, 3] },
  ])
})

test('a wait is told to within 200 ms', async () => {
  for (let startMs = 0; startMs <= 400; startMs += 13) {
    for (let waitMs = 0; waitMs <= 600; waitMs += 57) {
      const { clock, server, watch } = watched()
      const one = sessionOf(1)
      await clock.advance(17)
      watch.begun(sessionOf(2))
      await clock.advance(39)
      watch.begun(one)
      await clock.advance(startMs)
      server.blocked.add(1)
      await clock.advance(waitMs)
      server.blocked.delete(1)
      watch.ended(one)
      expect(Math.abs(watch.stats.lockWaitMs - waitMs)).toBeLessThanOrEqual(200)
    }
  }
})

test('the view is closed after five seconds in which nobody needed it, and no timer is left', async () => {
  const { clock, server, watch } = watched()
  const one = sessionOf(1)
  watch.begun(one)
  await clock.advance(150)
  watch.ended(one)
  await clock.advance(4900)
  expect(server.isOpen).toBe(true)
  await clock.advance(200)
  expect([server.isOpen, clock.pending, server.asked.length]).toEqual([false, 0, 1])
  watch.begun(one)
  await clock.advance(200)
  expect([server.isOpen, server.asked.length]).toEqual([true, 3])
})

test('a view that fails is let go, and left alone for five seconds', async () => {
  const { clock, server, watch } = watched()
  watch.begun(sessionOf(1))
  server.blocked.add(1)
  server.isAway = true
  await clock.advance(5000)
  expect([server.isOpen, server.asked.length, watch.stats]).toEqual([false, 1, { lockWaitMs: 0 }])
  server.isAway = false
  await clock.advance(100)
  expect([server.isOpen, server.asked.length, watch.stats]).toEqual([true, 2, { lockWaitMs: 5100 }])
})

test('what is closed sets no timer, whatever goes on', async () => {
  const { clock, server, watch } = watched()
  watch.begun(sessionOf(1))
  await clock.advance(100)
  await watch.close()
  expect([server.isOpen, clock.pending]).toEqual([false, 0])
  watch.begun(sessionOf(2))
  await clock.advance(1000)
  expect([server.asked.length, clock.pending]).toEqual([1, 0])
})

test('what is closed in the midst of a look ends it, and sets no timer', async () => {
  const clock = new VirtualClock()
  const answer = Promise.withResolvers<readonly number[]>()
  const view: LockView = {
    waiting: () => answer.promise,
    close: async () => answer.reject(new Error('it was cut')),
  }
  const watch = new LockWatch(view, clock)
  watch.begun(sessionOf(1))
  clock.advance(100)
  await watch.close()
  await settled()
  expect([watch.stats, clock.pending]).toEqual([{ lockWaitMs: 0 }, 0])
})
