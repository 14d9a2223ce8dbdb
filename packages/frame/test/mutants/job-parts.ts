import { withPart } from '@millrace/kernel/test/with-part'
import type * as endingsModule from '../../src/dispatch/job-endings.ts'
import type * as frameModule from '../../src/frame.ts'
import type { BatchController } from '../../src/frame.ts'
import type * as lanesModule from '../../src/queue/job-lanes.ts'

const sources = new URL('../../src/', import.meta.url)

type Controller = typeof BatchController

async function withLanes(change: (original: typeof lanesModule) => Partial<typeof lanesModule>): Promise<Controller> {
  const rebuilt = await withPart<typeof frameModule, typeof lanesModule>(
    sources,
    'frame.ts',
    'queue/job-lanes.ts',
    change,
  )
  return rebuilt.BatchController
}

async function withEndings(
  change: (original: typeof endingsModule) => Partial<typeof endingsModule>,
): Promise<Controller> {
  const rebuilt = await withPart<typeof frameModule, typeof endingsModule>(
    sources,
    'frame.ts',
    'dispatch/job-endings.ts',
    change,
  )
  return rebuilt.BatchController
}

/** A job that is tried again comes to the back of its lane. */
export const backOfTheLane = () =>
  withLanes(({ JobLanes }) => ({
    JobLanes: class extends JobLanes {
      readonly #handles: number[] = []

      override returnNextFrame(slot: number): void {
        this.#handles.push(this.handleOf(slot))
        super.returnNextFrame(slot)
      }

      override returnAll(laneOf: (system: number) => number): void {
        super.returnAll(laneOf)
        for (const handle of this.#handles.splice(0)) {
          const slot = this.find(handle)
          if (slot >= 0) this.toBack(slot, laneOf(this.systemOf(slot)))
        }
      }
    },
  }))

/** What was held does not come back. */
export const lostWhenHeld = () =>
  withLanes(({ JobLanes }) => ({
    JobLanes: class extends JobLanes {
      override returnHeld(): void {}
    },
  }))

/** A job that is cancelled is counted, and runs all the same. */
export const keptWhenCancelled = () =>
  withEndings(({ JobEndings }) => ({
    JobEndings: class extends JobEndings {
      override cancel(): void {
        this.cancelled++
      }
    },
  }))

/** What is heard of a job after its end is counted again. */
export const toldTwice = () =>
  withEndings(({ JobEndings }) => ({
    JobEndings: class extends JobEndings {
      override done(...args: Parameters<endingsModule.JobEndings['done']>): void {
        super.done(...args)
        if (args[2] === undefined) this.processed++
      }
    },
  }))
