import type * as budgetModule from '@millrace/kernel/execute/budget'
import { withPart } from '@millrace/kernel/test/with-part'
import type * as dispatcherModule from '../../src/dispatch/dispatcher.ts'
import type * as frameModule from '../../src/frame.ts'
import type { BatchController } from '../../src/frame.ts'
import type * as systemModelModule from '../../src/learn/system-model.ts'
import type { LanesAtWork } from '../../src/policy/lane-policy.ts'
import type * as sharedLanesModule from '../../src/policy/shared-lanes.ts'
import type * as strictLanesModule from '../../src/policy/strict-lanes.ts'
import type * as columnsModule from '../../src/system/system-columns.ts'
import { TurnByTurnLanes } from './lane-policies.ts'

const sources = new URL('../../src/', import.meta.url)

type Controller = typeof BatchController

async function controllerWith<Part>(part: string, change: (original: Part) => Partial<Part>): Promise<Controller> {
  const rebuilt = await withPart<typeof frameModule, Part>(sources, 'frame.ts', part, change)
  return rebuilt.BatchController
}

const withBudget = (change: (original: typeof budgetModule) => Partial<typeof budgetModule>) =>
  controllerWith<typeof budgetModule>('@millrace/kernel/execute/budget', change)

/** Admits whatever is next. */
export const admitsAll = () =>
  withBudget(({ Budget }) => ({
    Budget: class extends Budget {
      override get leftMs(): number {
        return Number.POSITIVE_INFINITY
      }
    },
  }))

/** What a frame took too long is forgotten. */
export const forgetsDebts = () =>
  withBudget(({ Budget }) => ({
    Budget: class extends Budget {
      override charge(): void {}
    },
  }))

/** Goes by its plans, and never looks at the clock. */
export const plansOnly = () =>
  withBudget(({ Budget }) => ({
    Budget: class extends Budget {
      override lap(): number {
        return 0
      }
    },
  }))

/** Nothing ages. */
export const neverAges = () =>
  controllerWith<typeof strictLanesModule>('policy/strict-lanes.ts', ({ StrictLanes }) => ({
    StrictLanes: class extends StrictLanes {
      constructor(lanes: number, options: strictLanesModule.StrictLanesOptions) {
        super(lanes, { ...options, maxWaitFrames: Number.POSITIVE_INFINITY })
      }
    },
  }))

/** Gives lanes a job each in turns. */
export const sharesByTurns = () =>
  controllerWith<typeof sharedLanesModule>('policy/shared-lanes.ts', ({ SharedLanes }) => ({
    SharedLanes: class extends SharedLanes {
      readonly #turns: TurnByTurnLanes

      constructor(lanes: number, options: sharedLanesModule.SharedLanesOptions) {
        super(lanes, options)
        this.#turns = new TurnByTurnLanes(lanes)
      }

      override begin(): void {
        this.#turns.begin()
      }

      override next(lanes: LanesAtWork): number {
        return this.#turns.next(lanes)
      }

      override served(lane: number): void {
        this.#turns.served(lane)
      }

      override passed(lane: number): void {
        this.#turns.passed(lane)
      }
    },
  }))

/** What has waited too long runs, whatever is left. */
export const agesBeyondTheBudget = () =>
  controllerWith<typeof dispatcherModule>('dispatch/dispatcher.ts', ({ Dispatcher }) => ({
    Dispatcher: class extends Dispatcher {
      readonly #parts: dispatcherModule.DispatcherOptions

      constructor(options: dispatcherModule.DispatcherOptions) {
        super(options)
        this.#parts = options
      }

      override serve(frame: number, limitMs: number): void {
        super.serve(frame, limitMs)
        const { lanes, runner, maxWaitFrames } = this.#parts
        for (const lane of this.order) {
          if (this.waited(lane) >= maxWaitFrames) runner.run(lanes.first(lane), lane)
        }
      }
    },
  }))

/** Cannot say what a job takes once one took far too long. */
export const losesItsNumbers = () =>
  controllerWith<typeof systemModelModule>('learn/system-model.ts', ({ SystemModel }) => ({
    SystemModel: class extends SystemModel {
      override observe(feature: number, ms: number, jobs = 1): void {
        super.observe(feature, ms, jobs)
        if (ms > 5) this.highMs = Number.NaN
      }
    },
  }))

/** Times every job by itself. */
export const timesEachJob = () =>
  controllerWith<typeof columnsModule>('system/system-columns.ts', ({ SystemColumns }) => ({
    SystemColumns: class extends SystemColumns {
      override setSmall(): void {}
    },
  }))
