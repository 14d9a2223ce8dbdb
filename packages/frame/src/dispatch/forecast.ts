import type { JobLanes } from '../queue/job-lanes.ts'
import type { RegisteredSystem } from '../system/registered-system.ts'
import type { SystemColumns } from '../system/system-columns.ts'
import type { JobEndings } from './job-endings.ts'
import { OpenJob } from './open-job.ts'

export interface ForecastOptions {
  readonly lanes: JobLanes
  readonly endings: JobEndings
  readonly columns: SystemColumns
}

/** Finds out what the next indivisible piece of a job is believed to take: its system says it. */
export class Forecast {
  readonly #lanes: JobLanes
  readonly #endings: JobEndings
  readonly #columns: SystemColumns

  constructor(options: ForecastOptions) {
    this.#lanes = options.lanes
    this.#endings = options.endings
    this.#columns = options.columns
  }

  /**
   * Has `system` predict the job in `slot`. Returns false when it cannot say what the job is like, which is a failure of the job.
   * The user's `feature` may have done anything meanwhile: slots may have moved, and jobs gone.
   */
  predict(slot: number, system: RegisteredSystem): boolean {
    const payload = this.#lanes.payload(slot)
    if (!(payload instanceof OpenJob)) {
      if (system.isRemote) system.predictHanding()
      else if (this.#columns.foretells(system.index)) return this.#foretell(slot, system, payload)
      return true
    }
    if (payload.turn !== undefined) system.predictTurn()
    else if (system.isRemote && payload.answer === undefined) system.predictHanding()
    else return this.#foretell(slot, system, payload.input)
    return true
  }

  #foretell(slot: number, system: RegisteredSystem, input: unknown): boolean {
    try {
      system.predict(input)
      return true
    } catch (error) {
      this.#endings.threw(this.#lanes.handleOf(slot), system, error)
      return false
    }
  }
}
