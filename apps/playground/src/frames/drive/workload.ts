import type { BatchSystem } from '@millrace/frame'
import type { Sea } from '../sea/sea.ts'
import { aiSystem } from '../systems/ai.ts'
import { lodSystem } from '../systems/lod.ts'
import { physicsSystem } from '../systems/physics.ts'
import { planCourseSystem } from '../systems/plan-course.ts'
import { type Splash, startleSystem } from '../systems/startle.ts'
import { transformSystem } from '../systems/transform.ts'
import { visibilitySystem } from '../systems/visibility.ts'
import type { Visits } from '../systems/visits.ts'

/** What is to be done in a sea: one system a lane, in the lanes' order, and jobs for single fish. */
export interface Workload {
  readonly systems: readonly { readonly visits: Visits; readonly system: BatchSystem<void, void> }[]
  /** Jobs of these that were submitted and done, as the page and the jobs themselves count them. */
  readonly books: { submitted: number; done: number }
  readonly jobs: { readonly planCourse: BatchSystem<number, void>; readonly startle: BatchSystem<number, void> }
}

export type JobName = keyof Workload['jobs']

export function createWorkload(sea: Sea, splash: Splash): Workload {
  const books = { submitted: 0, done: 0 }
  const done = () => {
    books.done++
  }
  return {
    books,
    systems: [transformSystem(sea), visibilitySystem(sea), physicsSystem(sea), lodSystem(sea), aiSystem(sea)],
    jobs: { planCourse: planCourseSystem(sea, done), startle: startleSystem(sea, splash, done) },
  }
}
