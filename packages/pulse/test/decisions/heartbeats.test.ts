import { withPart } from '@millrace/kernel/test/with-part'
import { expect, test } from 'vitest'
import type * as heartbeatsModule from '../../src/checks/heartbeat/heartbeats.ts'
import type * as kindsModule from '../../src/kinds.ts'
import { createKinds } from '../../src/kinds.ts'
import { SimulatedClock } from '../../src/simulate/simulated-clock.ts'
import { createMemoryStore } from '../../src/store/memory-store.ts'
import type { StoreChanges } from '../../src/store/pulse-store.ts'
import { createRig, type Rig, START } from '../rig/create-rig.ts'

const MINUTE = 60_000
/** It is to call each minute, and may be ten seconds late. */
const heart = {
  name: 'heart',
  codes: {},
  check: {
    type: 'heartbeat',
    intervalMs: 1000,
    timeoutMs: 500,
    unhealthyThreshold: 1,
    options: rhythm(MINUTE, 10_000),
  },
}

function rhythm(everyMs: number, graceMs: number) {
  return { everyMs, graceMs }
}

/** Processes on one store, one after the other. */
function house(create: typeof createKinds = createKinds) {
  const clock = new SimulatedClock(START)
  const store = createMemoryStore({ clock })
  const commits: StoreChanges[] = []
  const watched = {
    open: () => store.open(),
    commit(changes: StoreChanges) {
      commits.push(changes)
      return store.commit(changes)
    },
    deadLetters: (limit: number) => store.deadLetters(limit),
    [Symbol.asyncDispose]: () => store[Symbol.asyncDispose](),
  }
  const open = () => createRig([heart], { clock, store: watched, kinds: (now) => create({ clock: now }) })
  return { clock, commits, open }
}

function beat(rig: Rig): void {
  rig.pulse.beat('heart')
}

function stateOf(rig: Rig): string {
  return rig.pulse.find('heart')!.state
}

/** A process that heard a call and ended, and the next. */
async function restarted(silenceMs: number, awayMs: number, ends: 'stop' | 'crash' = 'stop', create = createKinds) {
  const { clock, open } = house(create)
  const rig = await open()
  beat(rig)
  await rig.advance(silenceMs)
  if (ends === 'stop') await rig.until(rig.pulse.stop())
  else await rig.crash()
  clock.turn(clock.now() + awayMs)
  const next = await open()
  await next.advance(1100)
  return next
}

test('who called just before a restart is well, and is not accused', async () => {
  const next = await restarted(5000, 2000)
  expect(stateOf(next)).toBe('up')
  await next.advance(50_000)
  beat(next)
  await next.advance(MINUTE)
  expect(next.path('heart')).toEqual(['up'])
})

test('the silence of one that is silent goes on through a restart', async () => {
  const next = await restarted(40_000, 2000)
  expect(stateOf(next)).toBe('up')
  await next.advance(70_000 - 40_000 - 2000 - 1100)
  expect(next.path('heart')).toEqual(['up'])
  await next.advance(1100)
  expect(next.path('heart')).toEqual(['up', 'down'])
})

test('a call that was due while nothing ran may have come: then the next is waited for', async () => {
  const next = await restarted(55_000, 15_000)
  // Nobody can say how it is.
  expect(stateOf(next)).toBe('unknown')
  await next.advance(50_000)
  expect(next.path('heart')).toEqual([])
  await next.advance(30_000)
  expect(next.path('heart')).toEqual(['down'])
})

test('after a long time away nobody is accused, and nobody is taken for well', async () => {
  const next = await restarted(5000, 24 * 60 * MINUTE)
  expect(stateOf(next)).toBe('unknown')
  await next.advance(60_000)
  expect(stateOf(next)).toBe('unknown')
  beat(next)
  await next.advance(1000)
  expect(stateOf(next)).toBe('up')
})

test('who was silent for too long before the restart is so after it', async () => {
  const next = await restarted(80_000, 2000)
  expect(next.path('heart')).toEqual([])
  expect(stateOf(next)).toBe('down')
})

test('a process that dies has kept all but the last seconds, and accuses nobody for them', async () => {
  const { open } = house()
  const rig = await open()
  beat(rig)
  await rig.advance(55_000)
  beat(rig)
  await rig.advance(2000)
  // Ten seconds have not passed since the last was kept.
  await rig.crash()
  const next = await open()
  await next.advance(MINUTE)
  expect(next.path('heart')).toEqual([])
  beat(next)
  await next.advance(2000)
  expect(next.path('heart')).toEqual(['up'])
})

test('a wall clock that was set back while nothing ran makes nobody silent for longer', async () => {
  const { clock, open } = house()
  const rig = await open()
  beat(rig)
  await rig.advance(30_000)
  await rig.until(rig.pulse.stop())
  clock.jump(-3_600_000)
  const next = await open()
  await next.advance(1100)
  expect(stateOf(next)).toBe('up')
  await next.advance(42_000)
  expect(stateOf(next)).toBe('down')
})

test('calls are kept together, and not one by one', async () => {
  const { commits, open } = house()
  const rig = await open()
  await rig.advance(2000)
  const before = commits.length
  for (let call = 0; call < 600; call++) {
    beat(rig)
    await rig.advance(100)
  }
  const kept = commits.slice(before).filter(({ beats }) => beats.length > 0)
  expect(kept.length).toBeGreaterThanOrEqual(5)
  expect(kept.length).toBeLessThanOrEqual(7)
  await rig.load([])
  await rig.advance(10_000)
  expect(commits.at(-1)!.beats).toEqual([{ name: 'heart', at: 0 }])
})

test('a process that knows nothing of the calls that were heard would be told', async () => {
  const forgetful = await withPart<typeof kindsModule, typeof heartbeatsModule>(
    new URL('../../src/', import.meta.url),
    'kinds.ts',
    'checks/heartbeat/heartbeats.ts',
    ({ Heartbeats }) => ({
      Heartbeats: class extends Heartbeats {
        override restore(): void {}
      },
    }),
  )
  const next = await restarted(5000, 2000, 'stop', forgetful.createKinds)
  expect(stateOf(next)).not.toBe('up')
  const accusing = await restarted(40_000, 2000, 'stop', forgetful.createKinds)
  await accusing.advance(35_000)
  expect(accusing.path('heart')).not.toContain('down')
})
