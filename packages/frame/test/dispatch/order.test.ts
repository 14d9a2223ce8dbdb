import { VirtualClock } from '@millrace/kernel'
import { fails, holds } from '@millrace/kernel/test/property'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { BatchController, type BatchControllerOptions } from '../../src/index.ts'
import { backOfTheLane } from '../mutants/job-parts.ts'

type Lane = 'a' | 'b' | 'c'
const LANES: readonly Lane[] = ['a', 'b', 'c']

function open(options: BatchControllerOptions<Lane> = {}, Controller = BatchController) {
  const clock = new VirtualClock()
  return { clock, controller: new Controller<Lane>({ clock, clockTickMs: 0, lanes: LANES, ...options }) }
}

/**
 * Jobs that all take the same time, some of which throw a few times: each frame has those again that threw in the last, in
 * their order, and then the next ones, in theirs.
 */
const isFirstInFirstOut = (Controller: typeof BatchController) =>
  fc.property(
    fc.array(fc.array(fc.constantFrom(0, 0, 0, 1, 2), { maxLength: 6 }), { minLength: 1, maxLength: 20 }),
    fc.constantFrom(0.3, 1, 2),
    fc.integer({ min: 1, max: 4 }),
    (arrivals, ms, lookAhead) => {
      const { clock, controller } = open({ maxFailures: 1000, lookAhead }, Controller)
      const throwsLeft: number[] = []
      let ran: number[] = []
      const id = controller.register<number, void>({
        type: 'a',
        cost: 0.1,
        recurring: false,
        run(_, job) {
          ran.push(job)
          clock.advance(ms)
          if (throwsLeft[job]!-- > 0) throw new Error('again')
        },
      })
      let waiting: number[] = []
      for (let frame = 0; frame < 100; frame++) {
        for (const throws of arrivals[frame] ?? []) {
          const job = throwsLeft.push(throws) - 1
          waiting.push(job)
          controller.submit(id, job)
        }
        ran = []
        const tries = waiting.map((job) => throwsLeft[job]!)
        controller.runFrame()
        expect(ran).toEqual(waiting.slice(0, ran.length))
        const again = waiting.filter((_, at) => at < ran.length && tries[at]! > 0)
        waiting = [...again, ...waiting.slice(ran.length)]
      }
      expect(waiting).toEqual([])
    },
  )

describe('a lane', () => {
  it('is first in, first out, and a job that is tried again is before all others', () =>
    holds(isFirstInFirstOut(BatchController)))
  it('is caught when a job that is tried again comes to the back', async () =>
    fails(isFirstInFirstOut(await backOfTheLane())))

  /** A lane of jobs whose cost is known; what was run in each frame. */
  function framesOf(options: BatchControllerOptions<Lane>, costs: readonly number[], frames: number): number[][] {
    const { clock, controller } = open(options)
    const ran: number[][] = []
    const id = controller.register<number, void>({
      type: 'a',
      cost: 0,
      recurring: false,
      feature: (ms) => ms,
      run: (_, ms) => {
        ran.at(-1)!.push(ms)
        clock.advance(ms)
      },
    })
    for (let lesson = 0; lesson < 300; lesson++) {
      controller.submit(id, 0.5 + (lesson % 5) / 5)
      ran.push([])
      controller.runFrame()
    }
    ran.length = 0
    for (const ms of costs) controller.submit(id, ms)
    for (let frame = 0; frame < frames; frame++) {
      ran.push([])
      controller.runFrame()
    }
    return ran
  }

  it('has a job that does not fit overtaken by the next few that do, and first in the next frame', () => {
    expect(framesOf({ lookAhead: 4 }, [1, 2, 2, 1, 0.4, 0.3], 4)).toEqual([[1, 1, 0.4], [2, 0.3], [2], []])
  })

  it('looks no further than it is told', () => {
    expect(framesOf({ lookAhead: 1 }, [1, 2, 1, 0.3], 3)).toEqual([[1], [2], [1, 0.3]])
    expect(framesOf({ lookAhead: 2 }, [1, 2, 2, 1, 0.3], 3)).toEqual([[1], [2], [2, 0.3]])
  })

  it('runs what is larger than any frame, as the first of one', () => {
    expect(framesOf({}, [1, 7, 0.2, 0.3], 5)).toEqual([[1, 0.2, 0.3], [7], [], [], []])
  })

  it.each([
    [
      'large',
      1,
      [
        [5, 3],
        [2, 1],
      ],
    ],
    ['small', 0.001, [[5, 3, 2, 1]]],
  ])('in the order of value takes the best of the next few, when jobs are %s', (_, ms, expected) => {
    const { clock, controller } = open({ lanes: [{ name: 'a', order: 'value' }, 'b', 'c'] })
    let ran: number[] = []
    const ids = [1, 2, 3, 5].map((value) =>
      controller.register<undefined, void>({
        name: `worth ${value}`,
        type: 'a',
        cost: ms / 2.5,
        value,
        recurring: false,
        run: () => {
          ran.push(value)
          clock.advance(ms)
        },
      }),
    )
    for (let lesson = 0; lesson < 30; lesson++) {
      for (const id of ids) controller.submit(id)
      for (let frame = 0; frame < 3; frame++) controller.runFrame()
    }
    const frames: number[][] = []
    for (const id of ids) controller.submit(id)
    for (const _ of expected) {
      ran = []
      controller.runFrame()
      frames.push(ran)
    }
    expect(frames).toEqual(expected)
  })
})

describe('the lanes of a frame', () => {
  it('are served by urgency, which may be changed', () =>
    holds(
      fc.property(
        fc.array(
          fc.tuple(
            fc.shuffledSubarray([...LANES], { minLength: 3 }),
            fc.array(fc.constantFrom(...LANES), { maxLength: 12 }),
          ),
          {
            minLength: 1,
            maxLength: 20,
          },
        ),
        (frames) => {
          const { clock, controller } = open({ maxWaitFrames: 1000 })
          let ran: Lane[] = []
          const ids = LANES.map((type) =>
            controller.register<undefined, void>({
              type,
              cost: 0.1,
              recurring: false,
              run: () => {
                ran.push(type)
                clock.advance(0.4)
              },
            }),
          )
          // What is not known well needs more room than it takes.
          for (const id of ids) for (let lesson = 0; lesson < 12; lesson++) controller.submit(id)
          for (let frame = 0; frame < 12; frame++) controller.runFrame()
          const waiting = new Map<Lane, number>(LANES.map((type) => [type, 0]))
          for (const [order, jobs] of frames) {
            for (const type of jobs) {
              controller.submit(ids[LANES.indexOf(type)]!)
              waiting.set(type, waiting.get(type)! + 1)
            }
            controller.setOrder(order)
            ran = []
            controller.runFrame()
            const expected = order.flatMap((type) => new Array<Lane>(waiting.get(type)!).fill(type))
            expect(ran).toEqual(expected.slice(0, ran.length))
            for (const type of ran) waiting.set(type, waiting.get(type)! - 1)
          }
        },
      ),
    ))

  it('have what jobs submit in the next frame, however long that goes on', () => {
    const { controller } = open()
    let runs = 0
    const id = controller.register<undefined, void>({
      type: 'a',
      cost: 0,
      recurring: false,
      run: () => {
        runs++
        controller.submit(id)
      },
    })
    controller.submit(id)
    for (let frame = 1; frame <= 20; frame++) {
      controller.runFrame()
      expect(runs).toBe(frame)
    }
  })
})
