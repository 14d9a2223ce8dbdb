import { BatchController, BatchType } from '@millrace/frame'
import type { Bench } from '../harness/bench.ts'
import { rowAgainst, rowBeside } from '../harness/row.ts'
import { burnOf } from './burn.ts'

const BUDGET_MS = 2.5
const JOB_MS = 0.1
/** Of each lane: what they have to do in a frame, all together, takes twice the budget. */
const SYSTEMS_A_LANE = 10
const LANES = Object.values(BatchType)
const MAX_WAIT_FRAMES = 30
const AGED_SHARE = 0.25
/**
 * What is promised: a lane is aged after 30 frames, and then a quarter of the budget is for the aged ones. At the worst those
 * are all but the first, with all that they have to do.
 */
const MOST_WAITED = Math.ceil(
  MAX_WAIT_FRAMES + ((LANES.length - 1) * SYSTEMS_A_LANE * JOB_MS) / (AGED_SHARE * BUDGET_MS) + LANES.length + 1,
)

/** How long does the least urgent lane wait when there is twice as much to do as fits, for ever? */
export default async function overload(bench: Bench): Promise<void> {
  const job = burnOf(JOB_MS)
  const rounds = bench.quick ? 3 : 5
  for (const frames of bench.quick ? [100, 300] : [200, 800]) {
    const ours: number[] = []
    const strict: number[] = []
    for (let round = 0; round < rounds; round++) {
      ours.push(worstWait(frames, oursWith(job)))
      strict.push(worstWait(frames, strictWith(job)))
    }
    const id = `frame/worst-wait-of-the-lowest-lane-in-${frames}-frames`
    bench.report([
      rowAgainst(id, 'frames', ours, MOST_WAITED),
      rowBeside(id, 'frames', ours, { name: 'naive strict queue', values: strict }),
    ])
  }
}

/** Registers the systems, of which `ran` hears when one of the lowest lane has run, and returns what runs a frame. */
type Scheduler = (ran: (system: number) => void) => () => void

/** Frames that the systems of the lowest lane waited for their turn, at most; those count that still wait. */
function worstWait(frames: number, scheduler: Scheduler): number {
  const lastRun = new Int32Array(SYSTEMS_A_LANE).fill(-1)
  let frame = 0
  let worst = 0
  const runFrame = scheduler((system) => {
    worst = Math.max(worst, frame - lastRun[system]! - 1)
    lastRun[system] = frame
  })
  for (; frame < frames; frame++) runFrame()
  for (const last of lastRun) worst = Math.max(worst, frames - last - 1)
  return worst
}

function oursWith(job: () => void): Scheduler {
  return (ran) => {
    const controller = new BatchController({
      budgetMs: BUDGET_MS,
      maxWaitFrames: MAX_WAIT_FRAMES,
      agedShare: AGED_SHARE,
    })
    for (const { type, run } of systemsOf(job, ran)) controller.register({ type, cost: JOB_MS / BUDGET_MS, run })
    return () => controller.runFrame()
  }
}

function strictWith(job: () => void): Scheduler {
  return (ran) => {
    const systems = systemsOf(job, ran)
    const lanes: (() => void)[][] = LANES.map(() => [])
    return () => {
      const startedAt = performance.now()
      for (const [lane, queue] of lanes.entries()) {
        // What still waits is not queued twice.
        for (const { type, run } of systems) if (type === LANES[lane] && !queue.includes(run)) queue.push(run)
      }
      for (const queue of lanes) {
        while (queue.length > 0) {
          queue.shift()!()
          if (performance.now() - startedAt >= BUDGET_MS) return
        }
      }
    }
  }
}

function systemsOf(job: () => void, ran: (system: number) => void): { type: BatchType; run: () => void }[] {
  return LANES.flatMap((type) =>
    Array.from({ length: SYSTEMS_A_LANE }, (_, system) => ({
      type,
      run: () => {
        job()
        if (type === LANES.at(-1)) ran(system)
      },
    })),
  )
}
