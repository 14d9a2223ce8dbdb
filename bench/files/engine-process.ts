/** An engine in a process of its own, for what is measured from outside: its memory, its files, its sudden end. */
import { readFileSync } from 'node:fs'
import { type BatchConfig, BatchProcessingEngine, type RepositoryProcessingResult } from '@millrace/files'
import { fixedChunks } from './fixed-chunks.ts'

export interface EngineOrder {
  /** The tree of a new job; null resumes the last one. */
  readonly root: string | null
  readonly config: BatchConfig
  /** Batches of so many files, instead of by cost. */
  readonly chunk?: number
}

/** What the process tells. */
export type EngineWord =
  /** `atMs` is milliseconds since the epoch. */
  | { readonly type: 'committed'; readonly delivered: number; readonly atMs: number }
  /** `cpuMs` is the processor time of the engine and its workers. */
  | { readonly type: 'finished'; readonly result: RepositoryProcessingResult; readonly cpuMs: number }

process.once('message', async ({ root, config, chunk }: EngineOrder) => {
  const tell = (word: EngineWord) => process.send?.(word)
  await using engine = new BatchProcessingEngine({
    ...config,
    ...(chunk !== undefined && { strategy: fixedChunks(chunk) }),
  })
  engine.events.subscribe((event) => {
    if (event.type === 'batch-committed') tell({ type: 'committed', delivered: event.delivered, atMs: Date.now() })
  })
  const result = await (root === null ? engine.resumeFailedBatchJob() : engine.processRepository(root))
  tell({ type: 'finished', result, cpuMs: cpuMs() })
  process.disconnect()
})

const CLOCK_TICKS_PER_S = 100

/** Processor time of this process and of its children that have ended, from Linux. */
function cpuMs(): number {
  const stat = readFileSync('/proc/self/stat', 'latin1')
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
  const ticks = fields.slice(11, 15).reduce((sum, field) => sum + Number(field), 0)
  return (ticks * 1000) / CLOCK_TICKS_PER_S
}
