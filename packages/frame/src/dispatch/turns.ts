import type { Clock } from '@millrace/kernel/clock'
import { MillraceError } from '@millrace/kernel/errors'
import type { Budget } from '@millrace/kernel/execute/budget'
import type { JobId } from '../batch-job.ts'
import type { JobIntake } from '../queue/job-intake.ts'
import type { JobLanes } from '../queue/job-lanes.ts'
import type { FrameState } from '../system/frame-state.ts'
import { LiveFrame } from '../system/live-frame.ts'
import type { RegisteredSystem } from '../system/registered-system.ts'
import type { SystemFrame } from '../system/system-frame.ts'
import { unregistered } from './job-endings.ts'
import type { Turn } from './open-job.ts'

/** No job in particular. */
const ANY = -1

export interface TurnsOptions {
  readonly lanes: JobLanes
  readonly intake: JobIntake
  readonly budget: Budget
  readonly clock: Clock
  readonly state: FrameState
}

/**
 * The turns that async systems await, to go on within a frame.
 *
 * A turn is a job in its system's lane. Who asks for one when their job is over, is refused: else a loop of turns would go on for
 * ever.
 */
export class Turns {
  readonly #options: TurnsOptions

  constructor(options: TurnsOptions) {
    this.#options = options
  }

  /** What the runs of a system are given, whichever job they are of. */
  frameOf(system: () => RegisteredSystem): SystemFrame {
    return new LiveFrame(this.#options.state, () => this.#await(system(), ANY))
  }

  /** The same for one job: of systems known to be async, so that each knows whose turn it is. */
  frameOfJob(system: RegisteredSystem, jobId: JobId): SystemFrame {
    return new LiveFrame(this.#options.state, () => this.#await(system, jobId))
  }

  /**
   * Lets the rest of an async function run, as soon as this frame's call has returned to the host, and measures it between
   * two microtasks. What it takes beyond what was planned, later frames pay.
   */
  grant(turn: Turn, system: RegisteredSystem, plannedMs: number): void {
    if (this.#isOver(turn.owner)) {
      turn.refuse(over(system, turn.owner))
      return
    }
    const { clock, budget } = this.#options
    let from = 0
    queueMicrotask(() => {
      from = clock.now()
    })
    turn.grant()
    queueMicrotask(() => {
      const ms = Math.max(0, clock.now() - from)
      system.observeTurn(ms)
      budget.charge(ms - plannedMs)
    })
  }

  #await(system: RegisteredSystem, owner: JobId): Promise<void> {
    const turn = new Promise<void>((grant, refuse) => {
      if (system.removed) refuse(unregistered(system))
      else if (this.#isOver(owner)) refuse(over(system, owner))
      else this.#options.intake.turn(system, { owner, grant, refuse })
    })
    // Who does not await it is not to crash for it.
    turn.catch(() => {})
    return turn
  }

  #isOver(owner: JobId): boolean {
    return owner !== ANY && this.#options.lanes.find(owner) < 0
  }
}

function over(system: RegisteredSystem, jobId: JobId): MillraceError {
  return new MillraceError(
    'JOB_CANCELLED',
    `${system.id.name}: job ${jobId} is over, and has no more turns; end the function when this is thrown`,
    { detail: { system: system.id.name, jobId } },
  )
}
