import type { Clock } from '@millrace/kernel'
import { systemClock, VirtualClock } from '@millrace/kernel'
import { fails, holds, messageOf, randomFrom } from '@millrace/kernel/test/property'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { BatchController, type BatchControllerOptions, recordClock, replayClock } from '../src/index.ts'
import { deafRecordClock } from './mutants/deaf-record-clock.ts'

const FRAMES = 60

interface Run {
  readonly trace: Uint8Array
  /** Jobs in the order in which they began. */
  readonly schedule: readonly string[]
}

/** A run that is different for every seed; `work` is what takes time. */
async function play(
  seed: number,
  clock: Clock,
  work: (ms: number) => void,
  options: BatchControllerOptions<'a' | 'b' | 'c'>,
): Promise<Run> {
  const random = randomFrom(seed)
  const controller = new BatchController({ ...options, clock, lanes: ['a', 'b', 'c'], traceSpans: 4096 })
  const schedule: string[] = []
  const job = (name: string, ms: number) => {
    schedule.push(`${controller.stats.frames} ${name}`)
    work(ms)
  }
  controller.register({ name: 'tiny', type: 'a', cost: 0, run: () => job('tiny', 0.001) })
  controller.register({
    name: 'steps',
    type: 'b',
    cost: 0.1,
    everyFrames: 3,
    *run() {
      for (let step = 0; step < 5; step++) {
        job(`step ${step}`, 0.1)
        yield
      }
    },
  })
  controller.register({
    name: 'turns',
    type: 'c',
    cost: 0.1,
    async run(frame) {
      job('before its turn', 0.05)
      await frame.turn()
      job('after its turn', 0.05)
    },
  })
  const submitted = controller.register<number, void>({
    name: 'featured',
    type: 'c',
    cost: 0.2,
    recurring: false,
    feature: (count) => count,
    run: (_frame, count) => {
      job(`featured ${count}`, count / 100)
      if (count % 7 === 0) throw new Error('unlucky')
    },
  })
  for (let frame = 0; frame < FRAMES; frame++) {
    for (let count = Math.floor(6 * random()); count > 0; count--)
      controller.submit(submitted, 1 + Math.floor(20 * random()))
    controller.runFrame()
    for (let microtask = 0; microtask < 8; microtask++) await null
  }
  return { trace: controller.trace!.toBytes(), schedule }
}

/** Uses up time of the clock itself: what it takes is different each time. */
function burn(ms: number): void {
  const until = systemClock.now() + ms
  while (systemClock.now() < until);
}

/** A clock that keeps what is thrown and stands still: a controller reads it in microtasks too, where nobody could catch it. */
function quiet(clock: Clock): { readonly clock: Clock; readonly diverged: unknown[] } {
  const diverged: unknown[] = []
  let last = 0
  const read = (show: () => number) => () => {
    try {
      last = show()
    } catch (error) {
      diverged.push(error)
    }
    return last
  }
  return { clock: { ...clock, now: read(clock.now), wallNow: read(clock.wallNow) }, diverged }
}

const options = fc.record({
  policy: fc.constantFrom<'strict' | 'shared'>('strict', 'shared'),
  budgetMs: fc.constantFrom(0.3, 1, 2.5),
  maxWaitFrames: fc.integer({ min: 1, max: 10 }),
  clockTickMs: fc.constantFrom(0, 0.1, 1),
})

const playsTheSame = () =>
  fc.asyncProperty(fc.integer(), options, async (seed, chosen) => {
    const [one, other] = await Promise.all(
      [0, 1].map(() => {
        const clock = new VirtualClock()
        const random = randomFrom(seed)
        return play(seed, clock, (ms) => clock.advance(ms * (0.5 + random())), chosen)
      }),
    )
    expect(one).toEqual(other)
    expect(one!.schedule.length).toBeGreaterThan(FRAMES)
  })

const replays = (record: typeof recordClock) =>
  fc.asyncProperty(fc.integer(), fc.constantFrom<'strict' | 'shared'>('strict', 'shared'), async (seed, policy) => {
    const chosen = { policy, budgetMs: 0.3, maxWaitFrames: 3 }
    const { clock, readings } = record()
    const recorded = await play(seed, clock, burn, chosen)
    const kept: number[] = JSON.parse(JSON.stringify(readings))
    const { clock: replay, diverged } = quiet(replayClock(kept))
    const replayed = await play(seed, replay, () => {}, chosen)
    expect(diverged).toEqual([])
    expect(replayed).toEqual(recorded)
  })

describe('a run', () => {
  it('is the same, byte for byte, for the same seed', () => holds(playsTheSame(), 40))
})

describe('recordClock and replayClock', () => {
  it('replay a run on the real clock, byte for byte', () => holds(replays(recordClock), 4))

  it('are caught when a reading is not written down', () => fails(replays(deafRecordClock), 4))

  it('keep what the clock showed, and leave it as it is', () => {
    const virtual = new VirtualClock({ now: 5, wallNow: 1000 })
    const { clock, readings } = recordClock(virtual)
    expect([clock.now(), clock.wallNow()]).toEqual([5, 1000])
    let rang = 0
    clock.after(3, () => rang++)
    virtual.advance(3)
    expect([clock.now(), rang]).toEqual([8, 1])
    expect(readings).toEqual([5, 1000, 8])
  })

  it('say so when a run is another one', async () => {
    const clock = replayClock([1, 2])
    expect([clock.now(), clock.wallNow()]).toEqual([1, 2])
    clock.after(0, () => {}).cancel()
    expect(await messageOf('REPLAY_DIVERGED', () => clock.now())).toBe(
      'replayClock: read more often than the 2 times that were recorded; make the controller, its systems and its jobs as in the recorded run',
    )
  })
})
