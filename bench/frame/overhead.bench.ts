import { BatchController, BatchType } from '@millrace/frame'
import { systemClock } from '@millrace/kernel/clock'
import type { Bench } from '../harness/bench.ts'
import { comparePerItem } from '../harness/per-item.ts'
import { rowAgainst, rowBeside } from '../harness/row.ts'
import { loadMainThreadScheduling } from './peers/main-thread.ts'
import { loadReact } from './peers/react.ts'
import { drainTinyJobs, TinyJobs } from './tiny-jobs.ts'

const JOBS = 10_000
const BUDGET_MS = 2.5
/** How many times cheaper than React's a job is to be. */
const OVERHEAD_GOAL = 5
const MOST_READS_A_JOB = 0.1
const SYSTEMS = 1000
const MOST_US_FOR_SYSTEMS = 50
const LEAST_JOBS_A_FRAME = 10_000
const WARM_UP_PASSES = 30
/** Enough for all systems in every frame, whatever else the machine does. */
const ROOMY_MS = 20
/** A job that another program held up may be thought too dear for a while. */
const MOST_MISSING = 0.01

/** What does a job cost that does next to nothing? */
export default async function overhead(bench: Bench): Promise<void> {
  const rounds = bench.quick ? 5 : 11
  await compareJobs(bench)
  await countReads(bench, rounds)
  dispatchSystems(bench, rounds)
  fillFrames(bench, rounds)
}

/** Everybody queues all jobs, in five lanes where there are lanes, and runs them in frames, or slices, of its own. */
async function compareJobs(bench: Bench): Promise<void> {
  const tiny = new TinyJobs({ budgetMs: BUDGET_MS })
  const scheduler = loadReact()
  const yieldOrContinue = await loadMainThreadScheduling()
  const lanes: (() => void)[][] = Object.values(BatchType).map(() => [])
  let done = 0
  const job = () => {
    done++
  }
  await comparePerItem(bench, {
    id: 'frame/tiny-job',
    items: JOBS,
    ours: async () => {
      const before = tiny.done
      tiny.submit(JOBS)
      while (tiny.controller.totalQueuedJobs > 0) {
        tiny.controller.runFrame()
        await turn()
      }
      return tiny.done - before
    },
    peers: [
      {
        name: 'scheduler of React',
        goal: OVERHEAD_GOAL,
        pass: () =>
          new Promise((resolve) => {
            const before = done
            const { unstable_NormalPriority: priority } = scheduler
            const reactJob = () => {
              done++
              if (done - before === JOBS) resolve(JOBS)
              return undefined
            }
            for (let count = 0; count < JOBS; count++) scheduler.unstable_scheduleCallback(priority, reactJob)
          }),
      },
      {
        name: 'main-thread-scheduling',
        pass: async () => {
          const before = done
          for (let count = 0; count < JOBS; count++) {
            await yieldOrContinue('smooth')
            job()
          }
          return done - before
        },
      },
      {
        name: 'naive strict queue',
        pass: async () => {
          const before = done
          for (let count = 0; count < JOBS; count++) lanes[count % lanes.length]!.push(job)
          while (!strictFrame(lanes, BUDGET_MS)) await turn()
          return done - before
        },
      },
    ],
  })
}

/** Returns whether all is done. */
function strictFrame(lanes: (() => void)[][], budgetMs: number): boolean {
  const startedAt = performance.now()
  for (const lane of lanes) {
    let taken = 0
    while (taken < lane.length) {
      lane[taken++]!()
      if (performance.now() - startedAt >= budgetMs) break
    }
    lane.splice(0, taken)
    if (lane.length > 0) return false
  }
  return true
}

async function countReads(bench: Bench, rounds: number): Promise<void> {
  let reads = 0
  const now = () => {
    reads++
    return systemClock.now()
  }
  const tiny = new TinyJobs({ budgetMs: BUDGET_MS, clock: { ...systemClock, now } })
  for (let pass = 0; pass < WARM_UP_PASSES; pass++) drainTinyJobs(tiny, JOBS)
  const scheduler = loadReact()
  scheduler.unstable_now = now
  const ours: number[] = []
  const reacts: number[] = []
  for (let round = 0; round < rounds; round++) {
    const said = tiny.controller.stats.clockReads
    reads = 0
    drainTinyJobs(tiny, JOBS)
    if (tiny.controller.stats.clockReads - said !== reads) {
      throw new Error(`stats have ${tiny.controller.stats.clockReads - said} clock reads, of ${reads}`)
    }
    ours.push(reads / JOBS)
    reads = 0
    await new Promise<void>((resolve) => {
      let left = JOBS
      const job = () => {
        if (--left === 0) resolve()
        return undefined
      }
      for (let count = 0; count < JOBS; count++) {
        scheduler.unstable_scheduleCallback(scheduler.unstable_NormalPriority, job)
      }
    })
    reacts.push(reads / JOBS)
  }
  bench.report([
    rowAgainst('frame/clock-reads-a-job', 'reads', ours, MOST_READS_A_JOB),
    rowBeside('frame/clock-reads-a-job', 'reads', ours, { name: 'scheduler of React', values: reacts }),
  ])
}

/** A frame of recurring systems that do next to nothing, less a loop over the same functions. */
function dispatchSystems(bench: Bench, rounds: number): void {
  const frames = bench.quick ? 200 : 1000
  const counts = new Int32Array(SYSTEMS)
  const types = Object.values(BatchType)
  const functions = Array.from({ length: SYSTEMS }, (_, index) => () => {
    counts[index]!++
  })
  const controller = new BatchController({ budgetMs: ROOMY_MS })
  for (const [index, run] of functions.entries()) {
    controller.register({ type: types[index % types.length]!, cost: 0.001, run })
  }
  const bare = () => {
    for (const run of functions) run()
  }
  const microsecondsA = (frame: () => void) => {
    const startedAt = performance.now()
    for (let count = 0; count < frames; count++) frame()
    return ((performance.now() - startedAt) * 1000) / frames
  }
  const sample = () => {
    const bareUs = microsecondsA(bare)
    return microsecondsA(() => controller.runFrame()) - bareUs
  }
  for (let warmUp = 0; warmUp < 2; warmUp++) sample()
  counts.fill(0)
  const samples = Array.from({ length: rounds }, sample)
  const missing = 1 - counts.reduce((sum, count) => sum + count, 0) / (2 * rounds * frames * SYSTEMS)
  if (missing > MOST_MISSING) throw new Error(`${missing * 100} % of the recurring jobs did not run in their frame`)
  bench.report([rowAgainst('frame/1000-recurring-systems', 'µs', samples, MOST_US_FOR_SYSTEMS)])
}

function fillFrames(bench: Bench, rounds: number): void {
  const tiny = new TinyJobs({ budgetMs: BUDGET_MS, maxQueuedJobs: 2 ** 17 })
  for (let pass = 0; pass < WARM_UP_PASSES; pass++) drainTinyJobs(tiny, JOBS)
  const samples = Array.from({ length: rounds }, () => {
    tiny.submit(10 * JOBS)
    const before = tiny.done
    const startedAt = performance.now()
    tiny.controller.runFrame()
    const tookMs = performance.now() - startedAt
    const jobs = tiny.done - before
    drainTinyJobs(tiny, 0)
    // One that came late is counted by what it would have done in time.
    return jobs * Math.min(1, BUDGET_MS / tookMs)
  })
  bench.report([rowAgainst('frame/tiny-jobs-in-2.5ms', 'jobs', samples, LEAST_JOBS_A_FRAME)])
}

const turn = () => new Promise((resolve) => setImmediate(resolve))
