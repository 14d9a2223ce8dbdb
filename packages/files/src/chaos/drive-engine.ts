import { systemClock } from '@millrace/kernel/clock'
import { MillraceError } from '@millrace/kernel/errors'
import type { JobHome } from '../engine/job-home.ts'
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
  await using stack = new AsyncDisposableStack()
  try {
    const home = order.ledger === undefined ? undefined : stack.use(await openHome(order.ledger))
    const engine = stack.use(new BatchProcessingEngine(order.config, { ...ports, ...(home !== undefined && { home }) }))
    engine.events.subscribe((event) => maker.hear(event))
    const { books, balanced, interrupted } = await (order.mode === 'run'
      ? engine.processRepository(order.root)
      : resumeOrRun(engine, order.root))
    tell({ type: 'ended', books, balanced, interrupted })
  } catch (error) {
    const code = error instanceof MillraceError ? error.code : 'UNKNOWN'
    tell({ type: 'failed', code, message: error instanceof Error ? error.message : String(error) })
  }
}

/** A server notices the end of the coordinator before a moment after it. */
const OWNED_LOOKS = 100
const OWNED_LOOK_MS = 100

async function openHome(ledger: NonNullable<ChaosOrder['ledger']>): Promise<JobHome & AsyncDisposable> {
  const { Cluster, openPostgresLedger } = await import('../cluster/index.ts')
  await using looks = await openPostgresLedger({ ...ledger, readonly: true })
  for (let look = 0; look < OWNED_LOOKS && (await looks.owner()) !== undefined; look++)
    await new Promise<void>((resolve) => systemClock.after(OWNED_LOOK_MS, resolve))
  return await Cluster.open({ ledger })
}

async function resumeOrRun(engine: BatchProcessingEngine, root: string): Promise<RepositoryProcessingResult> {
  try {
    return await engine.resumeFailedBatchJob()
  } catch (error) {
    if (error instanceof MillraceError && NOTHING_TO_RESUME.has(error.code)) return engine.processRepository(root)
    throw error
  }
}
