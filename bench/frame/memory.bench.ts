import { PerformanceObserver } from 'node:perf_hooks'
import type { Bench } from '../harness/bench.ts'
import { heldBytes } from '../harness/held.ts'
import { collectYoung, usedBytes } from '../harness/memory.ts'
import { rowAgainst, rowBeside } from '../harness/row.ts'
import { loadReact, type ReactScheduler } from './peers/react.ts'
import { drainTinyJobs, TinyJobs } from './tiny-jobs.ts'

const JOBS = 10_000
const MOST_MB = 1
const MB = 1e6
const ROUNDS = 7
/** After so many passes nothing grows any more. */
const WARM_UP_PASSES = 40
/** Passes in a sample: what measuring itself leaves is nothing beside them. React's would bring the collector. */
const OUR_PASSES = 30
/** A sample during which the collector ran counts nothing. */
const TRIES = 20

/** What do 10,000 queued jobs occupy, their controller included, and what does a job leave for the collector? */
export default async function memory(bench: Bench): Promise<void> {
  // What is created once and for all is no job's.
  heldBytes(fullController)
  heldBytes(fullReact)
  const ours: number[] = []
  const react: number[] = []
  for (let round = 0; round < ROUNDS; round++) {
    ours.push(heldBytes(fullController) / MB)
    react.push(heldBytes(fullReact) / MB)
  }
  bench.report([
    rowAgainst('frame/10000-queued-jobs', 'MB', ours, MOST_MB),
    rowBeside('frame/10000-queued-jobs', 'MB', ours, { name: 'scheduler of React', values: react }),
  ])
  await measureGarbage(bench)
}

async function measureGarbage(bench: Bench): Promise<void> {
  const tiny = new TinyJobs({})
  const scheduler = loadReact()
  const ourPasses = () => {
    for (let pass = 0; pass < OUR_PASSES; pass++) drainTinyJobs(tiny, JOBS)
  }
  const reactPass = () => drainReact(scheduler)
  for (let pass = 0; pass < WARM_UP_PASSES; pass++) {
    drainTinyJobs(tiny, JOBS)
    await reactPass()
  }
  const ours: number[] = []
  const react: number[] = []
  for (let round = 0; round < ROUNDS; round++) {
    ours.push((await garbage(ourPasses)) / (OUR_PASSES * JOBS))
    react.push((await garbage(reactPass)) / JOBS)
  }
  bench.report([
    rowAgainst('frame/garbage-a-job', 'bytes', ours, 0),
    rowBeside('frame/garbage-a-job', 'bytes', ours, { name: 'scheduler of React', values: react }),
  ])
}

function fullController(): object {
  const tiny = new TinyJobs({})
  tiny.submit(JOBS)
  return tiny
}

function fullReact(): object {
  const scheduler = loadReact(() => {})
  for (let count = 0; count < JOBS; count++) {
    scheduler.unstable_scheduleCallback(scheduler.unstable_NormalPriority, () => undefined)
  }
  return scheduler
}

function drainReact(scheduler: ReactScheduler): Promise<void> {
  return new Promise((resolve) => {
    let left = JOBS
    const job = () => {
      if (--left === 0) resolve()
      return undefined
    }
    for (let count = 0; count < JOBS; count++) {
      scheduler.unstable_scheduleCallback(scheduler.unstable_NormalPriority, job)
    }
  })
}

/** Bytes that `pass` allocates: what the heap grows by while the collector rests. */
async function garbage(pass: () => void | Promise<void>): Promise<number> {
  let collections = 0
  const observer = new PerformanceObserver((entries) => {
    collections += entries.getEntries().length
  })
  try {
    for (let tried = 0; tried < TRIES; tried++) {
      collectYoung()
      observer.observe({ entryTypes: ['gc'] })
      // What it has seen comes later; that of the collection before is not this pass's.
      await new Promise((resolve) => setTimeout(resolve, 1))
      observer.takeRecords()
      collections = 0
      const before = usedBytes()
      const result = pass()
      if (result !== undefined) await result
      const bytes = usedBytes() - before
      await new Promise((resolve) => setTimeout(resolve, 1))
      if (collections === 0) return Math.max(0, bytes)
    }
  } finally {
    observer.disconnect()
  }
  throw new Error('the collector runs in every pass')
}
