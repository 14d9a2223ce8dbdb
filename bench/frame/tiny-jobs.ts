import { BatchController, type BatchControllerOptions, BatchType, type SystemId } from '@millrace/frame'

/** A system a lane, whose jobs add one. */
export class TinyJobs {
  readonly controller: BatchController
  /** Jobs that have run. */
  done = 0
  readonly #systems: readonly SystemId[]

  constructor(options: BatchControllerOptions) {
    this.controller = new BatchController(options)
    this.#systems = Object.values(BatchType).map((type) =>
      this.controller.register({
        name: type,
        type,
        cost: 0.001,
        recurring: false,
        run: () => {
          this.done++
        },
      }),
    )
  }

  /** Queues so many, in the lanes by turns. */
  submit(jobs: number): void {
    const systems = this.#systems
    for (let count = 0; count < jobs; count++) this.controller.submit(systems[count % systems.length]!)
  }
}

/** Queues so many, and runs frames until all are done. */
export function drainTinyJobs(tiny: TinyJobs, jobs: number): void {
  tiny.submit(jobs)
  while (tiny.controller.totalQueuedJobs > 0) tiny.controller.runFrame()
}
