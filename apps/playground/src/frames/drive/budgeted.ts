import { BatchController, type SystemId } from '@millrace/frame'
import type { Trace } from '@millrace/kernel/observe/trace'
import { LANES } from '../lanes.ts'
import { type Driver, TRACE_SPANS } from './driver.ts'
import type { JobName, Workload } from './workload.ts'

interface BudgetedOptions {
  readonly budgetMs: number
  readonly policy: 'strict' | 'shared'
  readonly maxQueuedJobs: number
  /** Told when a system failed so often that it is left out from then on. */
  readonly onSuspended: (system: string, error: unknown) => void
}

/** With Millrace: what the budget has no room for waits for the next frame. */
export class Budgeted implements Driver {
  readonly controller: BatchController
  readonly trace: Trace
  readonly #jobs: Readonly<Record<JobName, SystemId<number, void>>>
  readonly #maxQueuedJobs: number

  constructor({ systems, jobs }: Workload, options: BudgetedOptions) {
    this.#maxQueuedJobs = options.maxQueuedJobs
    this.controller = new BatchController({
      budgetMs: options.budgetMs,
      policy: options.policy,
      lanes: LANES.map(({ type, weight }) => ({ name: type, weight })),
      maxQueuedJobs: options.maxQueuedJobs,
      traceSpans: TRACE_SPANS,
    })
    this.trace = this.controller.trace!
    this.controller.systemSuspended.subscribe(({ systemId, error }) => options.onSuspended(systemId.name, error))
    for (const { system } of systems) this.controller.register(system)
    this.#jobs = {
      planCourse: this.controller.register(jobs.planCourse),
      startle: this.controller.register(jobs.startle),
    }
  }

  get budgetMs(): number {
    return this.controller.budgetMs
  }

  set budgetMs(budgetMs: number) {
    this.controller.budgetMs = budgetMs
  }

  runFrame(deltaMs: number): void {
    this.controller.runFrame({ deltaMs })
  }

  submit(job: JobName, fish: number): boolean {
    // The systems' own jobs, one each, are among those that wait.
    if (this.controller.totalQueuedJobs >= this.#maxQueuedJobs) return false
    this.controller.submit(this.#jobs[job], fish)
    return true
  }

  queueDepth(lane: number): number {
    return this.controller.queueDepth(LANES[lane]!.type)
  }
}
