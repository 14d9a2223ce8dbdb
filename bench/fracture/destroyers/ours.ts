import { Worker } from 'node:worker_threads'
import { CutoutBatchProcessor, type CutoutBatchProcessorOptions, type FractureResult } from '@millrace/fracture'
import type { Destroyer, DestroyerKind } from './destroyer.ts'

const worker = () => new Worker(new URL(import.meta.resolve('@millrace/fracture/worker')))

/** Ours as it comes, but for the frames: those are the bench's. */
export function openProcessor(options: CutoutBatchProcessorOptions): CutoutBatchProcessor {
  return new CutoutBatchProcessor({ worker, frames: 'manual', ...options })
}

export const ours: DestroyerKind = { name: 'ours', open: (threads) => destroyerOf(openProcessor({ threads })) }

/** Ours without workers: cuts in its frames, within what they have left. */
export const oursOnCaller: DestroyerKind = {
  name: 'ours without workers',
  open: () => destroyerOf(new CutoutBatchProcessor({ frames: 'manual' })),
}

function destroyerOf(processor: CutoutBatchProcessor): Destroyer {
  const waiting = new Map<number, (result: FractureResult) => void>()
  processor.jobCompleted.subscribe(({ jobId, result }) => {
    const onResult = waiting.get(jobId)!
    waiting.delete(jobId)
    onResult(result)
  })
  processor.jobFailed.subscribe(({ error }) => {
    throw error
  })
  return {
    destroy: ({ polygon, params }, onResult) => waiting.set(processor.submitFracture(polygon, params), onResult),
    frame: () => processor.process(),
    close: () => processor.close(),
  }
}
