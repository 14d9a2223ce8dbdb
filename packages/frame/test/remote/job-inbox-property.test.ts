import { BatchController, type SystemId } from '@millrace/frame'
import { VirtualClock } from '@millrace/kernel'
import { fails, holds } from '@millrace/kernel/test/property'
import fc from 'fast-check'
import { expect, it } from 'vitest'
import { createJobRing } from '../../src/remote/job-ring.ts'
import { JobSender } from '../../src/remote/job-sender.ts'
import { receiveJobs } from '../../src/remote/receive-jobs.ts'
import { droppingReceiveJobs } from '../mutants/dropping-receive-jobs.ts'
import { greedyReceiveJobs } from '../mutants/greedy-receive-jobs.ts'
import { partialReceiveJobs } from '../mutants/partial-receive-jobs.ts'
import { repeatingReceiveJobs } from '../mutants/repeating-receive-jobs.ts'

type Receive = typeof receiveJobs

const SENDERS = 3
const LANES = ['urgent', 'late'] as const
const BUDGET_MS = 2
const SHARE = 0.25

const steps = fc.array(
  fc.oneof(
    {
      weight: 5,
      arbitrary: fc.record({
        kind: fc.constant('send' as const),
        sender: fc.nat(SENDERS - 1),
        lane: fc.nat(LANES.length - 1),
        padding: fc.nat(40),
        count: fc.integer({ min: 1, max: 4 }),
      }),
    },
    { weight: 4, arbitrary: fc.constant({ kind: 'frame' as const }) },
    { weight: 1, arbitrary: fc.record({ kind: fc.constant('restart' as const), sender: fc.nat(SENDERS - 1) }) },
    { weight: 1, arbitrary: fc.constant({ kind: 'reopen' as const }) },
  ),
  { maxLength: 80 },
)

/**
 * Whatever senders and frames do in turns: each job that was accepted runs once, in the order of its sender's within its
 * lane; and reading takes its share of a frame, or one job.
 */
const deliversOnce = (receive: Receive) =>
  fc.property(
    fc.record({
      maxQueuedJobs: fc.integer({ min: 1, max: 6 }),
      whenFull: fc.constantFrom('reject' as const, 'drop-oldest' as const, 'drop-lowest' as const),
      maxJobs: fc.integer({ min: 1, max: 5 }),
      decodeMs: fc.constantFrom(0, 0.1, 0.7),
      runMs: fc.constantFrom(0, 0.4, 3),
      steps,
    }),
    ({ maxQueuedJobs, whenFull, maxJobs, decodeMs, runMs, steps: todo }) => {
      const clock = new VirtualClock()
      const lanes = [...LANES]
      const options = { clock, clockTickMs: 0, budgetMs: BUDGET_MS, lookAhead: 1, lanes, maxQueuedJobs, whenFull }
      const controller = new BatchController<(typeof LANES)[number]>(options)
      const sent = Array.from({ length: SENDERS * LANES.length }, (): number[] => [])
      const ran = sent.map((): number[] => [])
      let decoded = 0
      const ids = LANES.map((type, lane): SystemId<readonly number[]> => {
        return controller.register<readonly number[]>({
          type,
          cost: 0,
          recurring: false,
          decode: ([sender = 0, high = 0, low = 0]) => {
            decoded++
            clock.advance(decodeMs)
            return [sender, high * 256 + low]
          },
          run: (_, [sender = 0, job = -1]) => {
            clock.advance(runMs)
            ran[sender * LANES.length + lane]!.push(job)
          },
        })
      })
      const rings = Array.from({ length: SENDERS }, () => createJobRing({ capacityBytes: 256 }))
      const senders = rings.map((ring) => new JobSender(ring))
      const receiveAll = () => receive(controller, rings, { maxJobs, budgetShare: SHARE })
      let inbox = receiveAll()
      let jobs = 0
      let accepted = 0

      const frame = () => {
        decoded = 0
        controller.runFrame()
        expect(decoded === 1 || decoded * decodeMs <= BUDGET_MS * SHARE + 1e-9).toBe(true)
        expect(decoded).toBeLessThanOrEqual(maxJobs)
      }
      for (const step of todo) {
        if (step.kind === 'frame') frame()
        else if (step.kind === 'restart') senders[step.sender] = new JobSender(rings[step.sender]!)
        else if (step.kind === 'reopen') {
          inbox[Symbol.dispose]()
          inbox = receiveAll()
        } else {
          const { sender, lane, padding, count } = step
          for (let each = 0; each < count; each++) {
            const payload = new Uint8Array(3 + padding)
            payload.set([sender, jobs >> 8, jobs & 255])
            if (!senders[sender]!.submit(ids[lane]!.index, payload)) break
            sent[sender * LANES.length + lane]!.push(jobs++)
            accepted++
          }
        }
      }
      for (let left = 0; left < 4 * accepted + 4; left++) frame()

      expect(ran).toEqual(sent)
      expect(controller.stats).toMatchObject({ jobsProcessed: accepted, jobsQueued: accepted, jobsDropped: 0 })
      expect(inbox.refused).toBe(0)
    },
  )

/** While the controller has not enough room for all, each ring gets as much of it as any other. */
const takesTurns = (receive: Receive) =>
  fc.property(fc.integer({ min: 1, max: 6 }), fc.integer({ min: 1, max: 5 }), (maxQueuedJobs, maxJobs) => {
    const clock = new VirtualClock()
    const controller = new BatchController({ clock, clockTickMs: 0, maxQueuedJobs })
    const runs = new Float64Array(SENDERS)
    const run = (_: unknown, [sender = 0]: Uint8Array) => {
      clock.advance(2)
      runs[sender]!++
    }
    const system = controller.register<Uint8Array>({
      ...{ type: 'AI', cost: 1, recurring: false, run },
      decode: (bytes) => bytes,
    })
    const rings = Array.from({ length: SENDERS }, () => createJobRing({ capacityBytes: 64 }))
    const senders = rings.map((ring) => new JobSender(ring))
    receive(controller, rings, { maxJobs })
    for (let frame = 0; frame < 60; frame++) {
      for (const [sender, each] of senders.entries()) while (each.submit(system.index, Uint8Array.of(sender)));
      controller.runFrame()
    }
    expect(Math.max(...runs) - Math.min(...runs)).toBeLessThanOrEqual(1)
  })

it('runs each job once, in its sender’s order, whatever happens in between', async () => {
  await holds(deliversOnce(receiveJobs), 150)
})

it('gives each ring its turn', async () => {
  await holds(takesTurns(receiveJobs), 30)
})

it.each([droppingReceiveJobs, repeatingReceiveJobs, greedyReceiveJobs])('would notice %o', async (mutant) => {
  await fails(deliversOnce(mutant), 150)
})

it('would notice an inbox that has a favourite', async () => {
  await fails(takesTurns(partialReceiveJobs), 30)
})
