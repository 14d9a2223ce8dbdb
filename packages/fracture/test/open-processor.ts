import { VirtualClock } from '@millrace/kernel'
import { CutoutBatchProcessor, type CutoutBatchProcessorOptions, type FractureResult } from '../src/index.ts'
import { FakePool, turn } from './fake-pool.ts'

export interface OpenProcessor {
  readonly processor: CutoutBatchProcessor
  readonly pool: FakePool
  readonly clock: VirtualClock
  /** What the signals told, in order. */
  readonly told: string[]
  /** The workers answer all that they have, and a frame follows; until nothing is due. */
  readonly settle: () => Promise<void>
}

/** A processor over workers, a clock and frames that a test moves. */
export function openProcessor(
  options: CutoutBatchProcessorOptions & { readonly width?: number } = {},
  Processor: typeof CutoutBatchProcessor = CutoutBatchProcessor,
): OpenProcessor {
  const { width, ...rest } = options
  const pool = new FakePool(width)
  const clock = new VirtualClock()
  const processor = new Processor({ pool, clock, clockTickMs: 0, frames: 'manual', ...rest })
  const told: string[] = []
  processor.jobCompleted.subscribe(({ jobId, result }) => told.push(`${jobId} is ${idOf(result)}`))
  processor.jobFailed.subscribe(({ jobId, error }) => told.push(`${jobId} failed: ${codeOf(error)}`))
  processor.jobCancelled.subscribe(({ jobId }) => told.push(`${jobId} cancelled`))
  const settle = async () => {
    for (let isDone = false; !isDone; isDone = processor.stats.pending === 0) {
      await turn()
      pool.finishAll()
      await turn()
      processor.process({ deltaMs: 16 })
    }
    processor.process({ deltaMs: 16 })
    await turn()
  }
  return { processor, pool, clock, told, settle }
}

/** A polygon that is told from others by its number. */
export function polygon(id: number): number[] {
  return [id, 0, id + 1, 0, id, 1]
}

/** The same, of which a worker is given no more than two ahead. */
export function dearPolygon(id: number): number[] {
  return [id, 0, ...Array.from({ length: 3600 }, (_, at) => at)]
}

/** Which polygon a result is of. */
export function idOf(result: FractureResult): number {
  return result.packed.numbers[0]!
}

export function codeOf(error: unknown): string {
  return String((error as { code?: unknown } | undefined)?.code ?? error)
}
