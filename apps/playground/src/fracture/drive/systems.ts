import type { Fragment } from '@millrace/fracture'
import { BatchController } from '@millrace/frame'
import type { Trace } from '@millrace/kernel/observe/trace'
import type { Sparks } from '../scene/sparks.ts'
import type { Hall } from '../world/hall.ts'
import type { Thing } from '../world/thing.ts'
import { LANES, type LaneName } from './lanes.ts'

/** A thing that has come apart: its body goes, and its pieces, the largest first, get theirs. */
export interface BrokenThing {
  readonly hall: Hall
  readonly thing: Thing
  readonly pieces: readonly { readonly piece: Thing; readonly fragment: Fragment }[]
}

/** What moves a hall: systems that share a budget, and go on in the next frame with what they had no time for. */
export class HallSystems {
  readonly trace: Trace
  readonly #controller: BatchController<LaneName>
  readonly #embody: (broken: BrokenThing) => void
  #hall: Hall
  #sparksAt = 0

  /** `onSuspended` hears of a system that failed so often that it is left out from then on. */
  constructor(hall: Hall, sparks: Sparks, budgetMs: number, onSuspended: (error: unknown) => void) {
    this.#hall = hall
    const controller = new BatchController({
      budgetMs,
      policy: 'shared',
      lanes: LANES,
      traceSpans: 8192,
      maxQueuedJobs: 10_000,
    })
    this.#controller = controller
    this.trace = controller.trace!
    controller.systemSuspended.subscribe(({ systemId, error }) =>
      onSuspended(`${systemId.name} was suspended: ${error}`),
    )
    const current = () => this.#hall
    controller.register({ name: 'physics', type: 'physics', cost: 0.3, run: () => current().step() })
    controller.register({ name: 'flight', type: 'flight', cost: 0.2, run: () => current().fly() })
    controller.register({ name: 'clean-up', type: 'clean-up', cost: 0.1, run: () => current().cleanUp() })
    controller.register({ name: 'light', type: 'light', cost: 0.2, run: () => current().shine() })
    controller.register({ name: 'sparks', type: 'sparks', cost: 0.1, run: () => sparks.fly(this.#sinceSparks()) })
    const bodies = controller.register({
      name: 'bodies',
      type: 'bodies',
      cost: 0.1,
      recurring: false,
      *run(_frame, { hall, thing, pieces }: BrokenThing) {
        // Of a hall that is no more, nothing is to be done.
        if (hall !== current()) return
        hall.disembody(thing)
        for (const { piece, fragment } of pieces) {
          yield
          if (hall !== current()) return
          hall.embody(piece, fragment)
        }
      },
    })
    this.#embody = (broken) => void controller.submit(bodies, broken)
  }

  set hall(hall: Hall) {
    this.#hall = hall
    this.#sparksAt = 0
  }

  set budgetMs(budgetMs: number) {
    this.#controller.budgetMs = budgetMs
  }

  /** Queues what is to be done about bodies. */
  broke(broken: BrokenThing): void {
    this.#embody(broken)
  }

  /** Runs a frame in which `seconds` of the hall's time pass. */
  runFrame(deltaMs: number, seconds: number): void {
    this.#hall.seconds += seconds
    for (const plane of this.#hall.planes) plane.pass(seconds)
    this.#controller.runFrame({ deltaMs })
  }

  /** How much of the hall's time has passed since this was asked before. */
  #sinceSparks(): number {
    const seconds = this.#hall.seconds - this.#sparksAt
    this.#sparksAt = this.#hall.seconds
    return Math.min(seconds, 0.1)
  }

  waiting(lane: number): number {
    return this.#controller.queueDepth(LANES[lane]!.name)
  }
}
