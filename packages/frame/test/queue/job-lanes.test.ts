import { fails, holds } from '@millrace/kernel/test/property'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { JobLanes, NONE } from '../../src/queue/job-lanes.ts'
import { BackwardJobLanes, StaleJobLanes } from '../mutants/job-lanes.ts'

type Made = new (lanes: number, budget: { readonly readAt: number }) => JobLanes

const LANES = 3
const SYSTEMS = 4

/** What a job is to the model. */
interface Job {
  readonly handle: number
  readonly system: number
  payload: unknown
  queuedIn: number
  queuedAt: number
  throws: number
}

const lane = fc.nat(LANES - 1)
const system = fc.nat(SYSTEMS - 1)
const at = fc.nat(40)
const step = fc.oneof(
  {
    weight: 6,
    arbitrary: fc.record({
      do: fc.constant('push' as const),
      lane,
      system,
      payload: fc.constantFrom(undefined, 'a', 7),
    }),
  },
  {
    weight: 6,
    arbitrary: fc.record({
      do: fc.constantFrom('remove', 'hold', 'return', 'away', 'back', 'park', 'throw', 'payload', 'queuedIn'),
      at,
      lane,
    }),
  },
  { weight: 2, arbitrary: fc.record({ do: fc.constantFrom('returnAll', 'unpark'), moved: lane }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constantFrom('resume', 'clear'), system, lane }) },
)

const isLikeArrays = (Lanes: Made) =>
  fc.property(fc.array(step, { minLength: 20, maxLength: 120 }), (steps) => {
    const budget = { readAt: 0 }
    const lanes = new Lanes(LANES, budget)
    const inLane: Job[][] = Array.from({ length: LANES }, () => [])
    const parked: Job[][] = Array.from({ length: LANES }, () => [])
    let [returning, held, away]: Job[][] = [[], [], []]
    const lists = () => [...inLane, returning!, held!, away!]
    const takeOut = (job: Job) => {
      for (const list of lists()) if (list.includes(job)) list.splice(list.indexOf(job), 1)
    }
    let frame = 0
    for (const each of steps) {
      budget.readAt = ++frame
      if (each.do === 'push') {
        const slot = lanes.push(each.lane, each.system, frame, each.payload)
        const { system, payload } = each
        const handle = lanes.handleOf(slot)
        inLane[each.lane]!.push({ handle, system, payload, queuedIn: frame, queuedAt: frame, throws: 0 })
      } else if (each.do === 'returnAll' && 'moved' in each) {
        const laneOf = (of: number) => (of + each.moved) % LANES
        lanes.returnAll(laneOf)
        for (const job of returning!.reverse()) inLane[laneOf(job.system)]!.unshift(job)
        returning = []
      } else if (each.do === 'unpark') {
        const count = parked.reduce((sum, list) => sum + list.length, 0)
        expect(lanes.unpark()).toBe(count)
        for (const [index, list] of parked.entries()) inLane[index]!.push(...list.splice(0))
      } else if (each.do === 'resume' && 'lane' in each && 'system' in each) {
        lanes.returnHeld(each.system, each.lane)
        const back = held!.filter((job) => job.system === each.system).sort((a, b) => a.handle - b.handle)
        held = held!.filter((job) => job.system !== each.system)
        inLane[each.lane]!.unshift(...back)
      } else if (each.do === 'clear' && 'system' in each) {
        const seen: number[] = []
        lanes.forEachOf(each.system, (slot) => {
          seen.push(lanes.handleOf(slot))
          if (lanes.isParked(slot)) lanes.evict(slot)
          else lanes.remove(slot)
        })
        const all = [...lists(), ...parked]
        const expected = all.flat().filter((job) => job.system === each.system)
        expect(seen.toSorted((a, b) => a - b)).toEqual(expected.map(({ handle }) => handle).toSorted((a, b) => a - b))
        for (const list of all) list.splice(0, list.length, ...list.filter((job) => job.system !== each.system))
      } else if ('at' in each) {
        const jobs = lists().flat()
        const job = jobs[each.at % Math.max(1, jobs.length)]
        if (job === undefined) continue
        const slot = lanes.find(job.handle)
        switch (each.do) {
          case 'throw':
            expect(lanes.countThrow(slot)).toBe(++job.throws)
            continue
          case 'payload':
            lanes.setPayload(slot, each.at)
            job.payload = each.at
            continue
          case 'queuedIn':
            lanes.setQueuedIn(slot, each.at)
            job.queuedIn = each.at
            continue
        }
        takeOut(job)
        switch (each.do) {
          case 'remove':
            lanes.remove(slot)
            expect(lanes.find(job.handle)).toBe(NONE)
            break
          case 'hold':
            lanes.hold(slot)
            held!.push(job)
            break
          case 'return':
            lanes.returnNextFrame(slot)
            returning!.push(job)
            break
          case 'away':
            lanes.sendAway(slot, frame)
            away!.push(Object.assign(job, { queuedIn: frame, queuedAt: frame }))
            break
          case 'back':
            lanes.toBack(slot, each.lane)
            inLane[each.lane]!.push(job)
            break
          case 'park':
            lanes.park(slot, each.lane, frame)
            parked[each.lane]!.push(
              Object.assign(job, { payload: undefined, queuedIn: frame, queuedAt: frame, throws: 0 }),
            )
        }
      }

      expect(lanes.size).toBe(lists().flat().length)
      expect([lanes.returning, lanes.held, lanes.away]).toEqual([returning!.length, held!.length, away!.length])
      expect(lanes.waiting).toBe(inLane.flat().length)
      for (const [index, jobs] of inLane.entries()) {
        expect(lanes.sizeOf(index)).toBe(jobs.length)
        const handles: number[] = []
        for (let slot = lanes.first(index); slot !== NONE; slot = lanes.next(slot)) handles.push(lanes.handleOf(slot))
        expect(handles).toEqual(jobs.map(({ handle }) => handle))
      }
      const first = (slot: number) => (slot === NONE ? undefined : lanes.handleOf(slot))
      expect([first(lanes.firstAway()), first(lanes.firstHeld())]).toEqual([away![0]?.handle, held![0]?.handle])
      for (const list of parked) for (const { handle } of list) expect(lanes.isParked(lanes.find(handle))).toBe(true)
      for (const job of lists().flat()) {
        const slot = lanes.find(job.handle)
        expect([lanes.systemOf(slot), lanes.payload(slot)]).toEqual([job.system, job.payload])
        expect([lanes.queuedAt(slot), lanes.waited(slot, frame)]).toEqual([job.queuedAt, frame - 1 - job.queuedIn])
        expect(lanes.isAway(slot)).toBe(away!.includes(job))
        expect(lanes.isParked(slot)).toBe(false)
      }
    }
  })

describe('JobLanes', () => {
  it('is like arrays of jobs', () => holds(isLikeArrays(JobLanes), 60))
  it('is caught when what returns comes in reverse', () => fails(isLikeArrays(BackwardJobLanes), 60))
  it('is caught when a kept slot remembers its last job', () => fails(isLikeArrays(StaleJobLanes), 60))

  it('counts waits over the end of 32 bits', () => {
    const lanes = new JobLanes(1, { readAt: 0 })
    const slot = lanes.push(0, 0, 2 ** 32 - 3, undefined)
    expect(lanes.waited(slot, 2 ** 32 - 3)).toBe(-1)
    expect(lanes.waited(slot, 2 ** 32 + 7)).toBe(9)
  })
})
