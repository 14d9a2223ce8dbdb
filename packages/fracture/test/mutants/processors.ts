import { withPart } from '@millrace/kernel/test/with-part'
import type * as resultCacheModule from '../../src/cache/result-cache.ts'
import type * as processorModule from '../../src/cutout-batch-processor.ts'
import type * as deliveryLineModule from '../../src/deliver/delivery-line.ts'
import type * as fractureStreamModule from '../../src/deliver/fracture-stream.ts'
import type * as frameLoopModule from '../../src/hosts/frame-loop.ts'
import type { Job } from '../../src/queue/job.ts'
import type * as liveRingModule from '../../src/queue/live-ring.ts'
import type { Cut } from '../../src/task/cut.ts'
import type * as cutDeskModule from '../../src/task/cut-desk.ts'

const sources = new URL('../../src/', import.meta.url)

async function processorWith<Part>(part: string, change: (original: Part) => Partial<Part>) {
  const rebuilt = await withPart<typeof processorModule, Part>(sources, 'cutout-batch-processor.ts', part, change)
  return rebuilt.CutoutBatchProcessor
}

/** A cut that was stopped may still be joined. */
export const joinsTheDead = () =>
  processorWith<typeof resultCacheModule>('cache/result-cache.ts', ({ ResultCache }) => ({
    ResultCache: class extends ResultCache {
      override end(cut: Cut<Job>): void {
        if (cut.jobs.length > 0) super.end(cut)
      }
    },
  }))

/** Whoever leaves takes all others of the cut along. */
export const leavesTogether = () =>
  processorWith<typeof cutDeskModule>('task/cut-desk.ts', ({ CutDesk }) => ({
    CutDesk: class extends CutDesk {
      override leave(job: Job): void {
        job.cut?.jobs.splice(0, Number.POSITIVE_INFINITY, job)
        super.leave(job)
      }
    },
  }))

/** A job that comes when it is late is forgotten. */
export const forgetsTheLate = () =>
  processorWith<typeof deliveryLineModule>('deliver/delivery-line.ts', ({ DeliveryLine }) => ({
    DeliveryLine: class extends DeliveryLine {
      override ready(job: Job): void {
        if (!job.isOvertaken) super.ready(job)
      }
    },
  }))

/** Results come as they are ready, whoever was first. */
export const holdsNothing = () =>
  processorWith<typeof deliveryLineModule>('deliver/delivery-line.ts', ({ DeliveryLine }) => ({
    DeliveryLine: class extends DeliveryLine {
      constructor() {
        super(0)
      }
    },
  }))

/** A stream that waits for room is nothing to have frames for. */
export const sleepsOnStreams = () =>
  processorWith<typeof fractureStreamModule>('deliver/fracture-stream.ts', ({ FractureStream }) => ({
    FractureStream: class extends FractureStream {
      override get isDue(): boolean {
        return false
      }
    },
  }))

/** Frames go on when nothing is due. */
export const neverRests = () =>
  processorWith<typeof frameLoopModule>('hosts/frame-loop.ts', ({ FrameLoop }) => ({
    FrameLoop: class extends FrameLoop {
      override rest(): void {}
    },
  }))

/** Who has stood in a line is never let go. */
export const keepsTheDead = () =>
  processorWith<typeof liveRingModule>('queue/live-ring.ts', ({ LiveRing }) => ({
    LiveRing: class<T> extends LiveRing<T> {
      readonly #all: T[] = []

      override push(item: T): void {
        this.#all.push(item)
        super.push(item)
      }
    },
  }))
