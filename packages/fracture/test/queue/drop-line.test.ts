import { describe, expect, it } from 'vitest'
import { DropLine } from '../../src/queue/drop-line.ts'
import type { Job } from '../../src/queue/job.ts'
import { jobOf } from '../jobs.ts'

const waiting = (id: number, lane: number): Job => {
  const job = jobOf(id, lane)
  job.place = 0
  return job
}

function lineOf(lowestFirst: boolean, ...lanes: number[]) {
  const line = new DropLine(3, lowestFirst)
  const jobs = lanes.map((lane, id) => waiting(id, lane))
  for (const job of jobs) line.push(job)
  return { line, jobs }
}

describe('DropLine', () => {
  it('drops the oldest of all', () => {
    const { line } = lineOf(false, 1, 0, 2)
    expect([0, 1, 2].map(() => line.shift(0)?.id)).toEqual([0, 1, 2])
    expect(line.shift(0)).toBe(undefined)
  })

  it('drops the oldest of the least urgent, and nothing that is more urgent than the newcomer', () => {
    const { line } = lineOf(true, 1, 0, 2, 2)
    expect([line.shift(1)?.id, line.shift(1)?.id, line.shift(2), line.shift(1)?.id]).toEqual([2, 3, undefined, 0])
  })

  it('passes over what is being cut, is ready, or is over', () => {
    const { line, jobs } = lineOf(false, 0, 0, 0, 0)
    for (const job of jobs.slice(0, 3)) job.place = -1
    expect(line.shift(0)).toBe(jobs[3])
  })
})
