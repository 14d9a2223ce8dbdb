import { BatchController, BatchType } from '@millrace/frame'
import type { Bench } from '../harness/bench.ts'
import { type Contender, compare, type Sample } from '../harness/compare.ts'
import { burnOf } from './burn.ts'
import { loadReact } from './peers/react.ts'

const JOBS = 6000
const JOB_MS = 0.1
/** How many times longer React is to keep everybody waiting. */
const SLICE_GOAL = 50

/**
 * For how long does nobody else get a turn of the event loop when 6000 jobs of 0.1 ms come at once? React's are
 * user-blocking, so what is left of them after 250 ms is done without a pause.
 */
export default async function slices(bench: Bench): Promise<void> {
  const job = burnOf(JOB_MS)
  const react: Contender = { name: 'scheduler of React', goal: SLICE_GOAL, sample: () => reactSlice(job) }
  const rounds = bench.quick ? 3 : 7
  const other = { ...react, name: 'scheduler of React, whose interval is 5 ms too' }
  // Nobody is compiled while he is measured.
  await oursSlice(job, 5)
  await react.sample()
  await compare(bench, {
    id: 'frame/longest-slice',
    unit: 'ms',
    rounds,
    ours: () => oursSlice(job, 2.5),
    peers: [react, { name: 'naive strict queue', sample: () => strictSlice(job, 2.5) }],
  })
  await compare(bench, {
    id: 'frame/longest-slice-at-5ms',
    unit: 'ms',
    rounds,
    ours: () => oursSlice(job, 5),
    peers: [other],
  })
}

/** Hears how long each turn took. */
class Longest {
  ms = 0
  turn(run: () => void): void {
    const startedAt = performance.now()
    run()
    this.ms = Math.max(this.ms, performance.now() - startedAt)
  }
}

async function oursSlice(job: () => void, budgetMs: number): Promise<Sample> {
  const controller = new BatchController({ budgetMs })
  let done = 0
  const run = () => {
    job()
    done++
  }
  const system = controller.register({ type: BatchType.Physics, cost: JOB_MS / budgetMs, recurring: false, run })
  for (let count = 0; count < JOBS; count++) controller.submit(system)
  const longest = new Longest()
  while (controller.totalQueuedJobs > 0) {
    await new Promise((resolve) => setImmediate(resolve))
    longest.turn(() => controller.runFrame())
  }
  return { value: longest.ms, checksum: done }
}

async function reactSlice(job: () => void): Promise<Sample> {
  const longest = new Longest()
  const scheduler = loadReact((callback) => setImmediate(() => longest.turn(callback)))
  let done = 0
  await new Promise<void>((resolve) => {
    const run = () => {
      job()
      if (++done === JOBS) resolve()
      return undefined
    }
    const { unstable_UserBlockingPriority: priority } = scheduler
    for (let count = 0; count < JOBS; count++) scheduler.unstable_scheduleCallback(priority, run)
  })
  return { value: longest.ms, checksum: done }
}

async function strictSlice(job: () => void, budgetMs: number): Promise<Sample> {
  const longest = new Longest()
  let done = 0
  const frame = () => {
    const startedAt = performance.now()
    while (done < JOBS && performance.now() - startedAt < budgetMs) {
      job()
      done++
    }
  }
  while (done < JOBS) {
    await new Promise((resolve) => setImmediate(resolve))
    longest.turn(frame)
  }
  return { value: longest.ms, checksum: done }
}
