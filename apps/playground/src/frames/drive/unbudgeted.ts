import type { BatchSystem, SystemFrame } from '@millrace/frame'
import { Trace } from '@millrace/kernel/observe/trace'
import { LANES } from '../lanes.ts'
import { type Driver, TRACE_SPANS } from './driver.ts'
import type { JobName, Workload } from './workload.ts'

/** Without Millrace: in every frame each system runs to its end, and every job too. */
export class Unbudgeted implements Driver {
  readonly trace = new Trace({ spans: TRACE_SPANS, tracks: LANES.map(({ type }) => type) })
  /** Nothing keeps to it here; the page counts by it. */
  budgetMs: number
  readonly #workload: Workload
  readonly #waiting: Readonly<Record<JobName, number[]>> = { planCourse: [], startle: [] }
  readonly #frame = { index: 0, deltaMs: 0, remainingMs: 0, turn: () => Promise.resolve() }

  constructor(workload: Workload, budgetMs: number) {
    this.#workload = workload
    this.budgetMs = budgetMs
  }

  runFrame(deltaMs: number): void {
    this.#frame.index++
    this.#frame.deltaMs = deltaMs
    const { systems, jobs } = this.#workload
    for (const { system } of systems) {
      this.#timed(system, () => runToEnd(system, this.#frame))
      for (const name of ['planCourse', 'startle'] as const) {
        const waiting = this.#waiting[name]
        if (jobs[name].type !== system.type || waiting.length === 0) continue
        this.#timed(jobs[name], () => {
          for (const fish of waiting.splice(0)) jobs[name].run(this.#frame, fish)
        })
      }
    }
  }

  submit(job: JobName, fish: number): boolean {
    this.#waiting[job].push(fish)
    return true
  }

  queueDepth(lane: number): number {
    const { jobs } = this.#workload
    const { type } = LANES[lane]!
    return (
      (jobs.planCourse.type === type ? this.#waiting.planCourse.length : 0) +
      (jobs.startle.type === type ? this.#waiting.startle.length : 0)
    )
  }

  #timed({ name = '', type }: { readonly name?: string; readonly type: string }, work: () => void): void {
    const startMs = performance.now()
    work()
    const track = LANES.findIndex((lane) => lane.type === type)
    this.trace.span(track, this.trace.name(name), startMs, performance.now())
  }
}

function runToEnd(system: BatchSystem<void, void>, frame: SystemFrame): void {
  const steps = system.run(frame)
  if (steps !== undefined && 'next' in steps) while (steps.next().done !== true);
}
