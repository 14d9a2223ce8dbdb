import { MillraceError } from '@millrace/kernel/errors'
import type { RepositoryProcessingResult } from '../engine/result.ts'
import { BatchProcessingEngine, type EnginePorts } from '../files.ts'
import type { ChaosLine, ChaosOrder } from './chaos-order.ts'
import { FaultMaker } from './fault-maker.ts'

/** A job killed before it was in the ledger, or after it had ended there, leaves nothing to resume. */
const NOTHING_TO_RESUME: ReadonlySet<string> = new Set(['LEDGER_MISSING', 'NOTHING_TO_RESUME'])

/**
 * Runs the engine as it is to the end of a job, and makes the order's faults meanwhile, of which its own death may be one.
 * @param ports What the engine is given; a test gives it a broken part.
 */
export async function driveEngine(
  order: ChaosOrder,
  tell: (line: ChaosLine) => void,
  ports: EnginePorts = {},
): Promise<void> {
  const maker = new FaultMaker(order, tell)
  const engine = new BatchProcessingEngine(order.config, ports)
  engine.events.subscribe((event) => maker.hear(event))
  try {
    const { books, balanced, interrupted } = await (order.mode === 'run'
      ? engine.processRepository(order.root)
      : resumeOrRun(engine, order.root))
    tell({ type: 'ended', books, balanced, interrupted })
  } catch (error) {
    const code = error instanceof MillraceError ? error.code : 'UNKNOWN'
    tell({ type: 'failed', code, message: error instanceof Error ? error.message : String(error) })
  }
}

async function resumeOrRun(engine: BatchProcessingEngine, root: string): Promise<RepositoryProcessingResult> {
  try {
    return await engine.resumeFailedBatchJob()
  } catch (error) {
    if (error instanceof MillraceError && NOTHING_TO_RESUME.has(error.code)) return engine.processRepository(root)
    throw error
  }
}
