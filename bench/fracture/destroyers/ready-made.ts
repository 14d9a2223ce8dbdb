import { Worker } from 'node:worker_threads'
import type { FractureResult } from '@millrace/fracture'
import { cutObject, resultOf } from '../kernel.ts'
import { type BreakableObject, objectOf } from '../objects.ts'
import type { DestroyerKind } from './destroyer.ts'

/** As ours has it: so much of a frame goes to results. */
const SLICE_MS = 2
/** So many different results are handed out by turns. */
const RESULTS = 64

/**
 * The least that anybody has to do, as no result is waited for or taken in: for 2 ms a frame the listener is given results that were made before, while workers
 * cut what was broken and tell nobody. What its frames take is the listener, the collector, and what the system gives to others.
 */
export const readyMade: DestroyerKind = {
  name: 'nothing but the listener',
  open(threads) {
    const results = Array.from({ length: RESULTS }, (_, number) => cutObject(objectOf(number)))
    // One more for what takes long, as ours.
    const crew = Array.from({ length: threads + 1 }, () => new Worker(new URL('./silent-worker.ts', import.meta.url)))
    let broken: BreakableObject[] = []
    let waiting: ((result: FractureResult) => void)[] = []
    let given = 0
    return {
      destroy: (object, onResult) => {
        broken.push(object)
        waiting.push(onResult)
      },
      frame: () => {
        if (broken.length > 0) {
          const [extra, ...others] = crew
          const objects = broken.filter(({ polygon }) => polygon.length < 1000)
          if (objects.length < broken.length) extra!.postMessage(broken.filter((object) => !objects.includes(object)))
          const share = Math.ceil(objects.length / others.length)
          for (const [place, worker] of others.entries()) {
            worker.postMessage(objects.slice(place * share, (place + 1) * share))
          }
          broken = []
          return
        }
        const endsAt = performance.now() + SLICE_MS
        while (given < waiting.length && performance.now() < endsAt) {
          waiting[given]!(resultOf(results[given % RESULTS]!))
          given++
        }
        if (given < waiting.length) return
        waiting = []
        given = 0
      },
      close: async () => {
        await Promise.all(crew.map((worker) => worker.terminate()))
      },
    }
  },
}
