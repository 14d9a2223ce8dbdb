import { type Clock, VirtualClock } from '@millrace/kernel'
import { gaussFrom, randomFrom } from '@millrace/kernel/test/property'
import { BatchController, type BatchControllerOptions, type BudgetViolation } from '../src/index.ts'

export type Random = () => number

/** A stream of jobs of one system. */
export interface Load {
  readonly lane: string
  /** Jobs that come with each frame, on average. */
  readonly perFrame: number
  /** What a job takes, in ms, by the time of the simulation. */
  readonly cost: (random: Random, gauss: Random) => number
  /** Comes in steps: each costs `cost`. */
  readonly steps?: number
  readonly prior?: number
}

export interface SimulationOptions extends Omit<BatchControllerOptions<string>, 'clock' | 'lanes'> {
  readonly lanes: NonNullable<BatchControllerOptions<string>['lanes']>
  readonly loads: readonly Load[]
  readonly frames: number
  readonly seed: number
  /** The clock shows whole ticks of the time. */
  readonly tickMs?: number
  readonly Controller?: typeof BatchController
  readonly onFrame?: (frame: number, controller: BatchController<string>) => void
}

/** What happened in a frame, by the time of the simulation, which the controller cannot see. */
export interface SimulatedFrame {
  readonly usedMs: number
  /** What it was to keep to, by its own account. */
  readonly allowedMs: number
  readonly budgetMs: number
  /** The last piece that was run, and how many were. */
  readonly lastMs: number
  readonly pieces: number
  /** Whether there was a job that might have run. */
  readonly hadWork: boolean
  /** By load. */
  readonly usedBy: readonly number[]
}

export interface Simulation {
  readonly frames: readonly SimulatedFrame[]
  readonly controller: BatchController<string>
  readonly violations: readonly BudgetViolation[]
  /** By load: the longest that one of its jobs waited to begin, and that it had jobs but none of them ran, in frames. */
  readonly longestWait: readonly number[]
  readonly longestGap: readonly number[]
  readonly begun: readonly number[]
}

/** Runs frames over loads of work, on a virtual clock that only the work moves. */
export function simulate(options: SimulationOptions): Simulation {
  const { loads, frames, seed, tickMs = 0, Controller = BatchController, onFrame, ...chosen } = options
  const random = randomFrom(seed)
  const gauss = gaussFrom(random)
  const time = new VirtualClock({ now: 1000 })
  const controller = new Controller<string>({
    maxQueuedJobs: 2 ** 20,
    clockTickMs: tickMs,
    ...chosen,
    clock: clockOf(time, tickMs),
  })
  const violations: BudgetViolation[] = []
  controller.budgetViolated.subscribe((violation) => violations.push(violation))
  const pending = loads.map(() => 0)
  const lastBegun = loads.map(() => 0)
  const longestWait = loads.map(() => 0)
  const longestGap = loads.map(() => 0)
  const begun = loads.map(() => 0)
  let usedBy: number[] = []
  let lastMs = 0
  let pieces = 0
  let frame = 0
  const spend = (load: number) => {
    const ms = loads[load]!.cost(random, gauss)
    time.advance(ms)
    usedBy[load]! += ms
    lastMs = ms
    pieces++
    lastBegun[load] = frame
  }
  function* inSteps(load: number, steps: number) {
    for (let step = 0; step < steps; step++) {
      spend(load)
      if (step < steps - 1) yield
    }
    pending[load]!--
  }
  const ids = loads.map(({ lane, steps, prior = 0.05 }, load) => {
    const begin = (queuedIn: number) => {
      begun[load]!++
      longestWait[load] = Math.max(longestWait[load]!, frame - 1 - queuedIn)
    }
    return controller.register<number, unknown>({
      name: `load ${load}`,
      type: lane,
      cost: prior,
      recurring: false,
      run:
        steps === undefined
          ? (_, queuedIn) => {
              begin(queuedIn)
              pending[load]!--
              spend(load)
            }
          : (_, queuedIn) => {
              begin(queuedIn)
              // To make the generator is its first piece.
              pieces++
              return inSteps(load, steps)
            },
    })
  })
  const ran: SimulatedFrame[] = []
  while (frame < frames) {
    for (const [load, { perFrame }] of loads.entries()) {
      for (let jobs = Math.floor(perFrame + random()); jobs > 0; jobs--) {
        controller.submit(ids[load]!, frame)
        if (pending[load]!++ === 0) lastBegun[load] = frame
      }
    }
    onFrame?.(frame, controller)
    frame++
    usedBy = loads.map(() => 0)
    lastMs = 0
    pieces = 0
    const hadWork = pending.some((jobs) => jobs > 0)
    const { allowedMs, budgetMs } = controller.runFrame()
    const usedMs = usedBy.reduce((sum, ms) => sum + ms, 0)
    ran.push({ usedMs, allowedMs, budgetMs, lastMs, pieces, hadWork, usedBy })
    for (const load of loads.keys()) {
      if (pending[load]! > 0) longestGap[load] = Math.max(longestGap[load]!, frame - lastBegun[load]!)
    }
    time.advance(Math.max(0.1, 16 - usedMs) + random())
  }
  return { frames: ran, controller, violations, longestWait, longestGap, begun }
}

function clockOf(time: VirtualClock, tickMs: number): Clock {
  if (tickMs === 0) return time
  const shown = () => Math.floor(time.now() / tickMs) * tickMs
  return { now: shown, wallNow: shown, after: (ms, callback) => time.after(ms, callback) }
}
