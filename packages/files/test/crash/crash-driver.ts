import { writeSync } from 'node:fs'
import { MillraceError } from '@millrace/kernel'
import type { BatchConfig } from '../../src/engine/config.ts'
import type { RepositoryProcessingResult } from '../../src/engine/result.ts'
import { BatchProcessingEngine } from '../../src/files.ts'
import { openLedger } from '../../src/ledger/open-ledger.ts'
import type { Kill } from './kill-plan.ts'
import { KillSwitch } from './kill-switch.ts'
import { VARIANTS, type Variant } from './mutants/variants.ts'

/** What the process is to do, as JSON in its first argument. */
export interface DriverOrder {
  readonly root: string
  readonly stateDir: string
  readonly out: string
  readonly config: Pick<BatchConfig, 'batchSize' | 'workerCount' | 'processors' | 'maxPauseSeconds' | 'timeoutSeconds'>
  /** `resume` goes on with the newest job that has not ended, and runs a new one where there is none. */
  readonly mode: 'run' | 'resume'
  readonly kills: readonly Kill[]
  /** Whether kills may be at moments of the sink. It is then none of the built-in ones, which leave an export that is current as it is. */
  readonly watchSink: boolean
  readonly variant: Variant
}

/** What the process says of itself, a line of JSON each, written before anything can happen to it. */
export type DriverLine =
  | { readonly type: 'worker'; readonly pid: number }
  | { readonly type: 'worker-killed' }
  /** It has stopped itself, as by Ctrl-Z, and goes on when it is told. */
  | { readonly type: 'stopped' }
  | { readonly type: 'started'; readonly starts: number }
  | { readonly type: 'ended'; readonly result: Pick<RepositoryProcessingResult, 'books' | 'balanced' | 'interrupted'> }
  | { readonly type: 'failed'; readonly code: string; readonly message: string }

/** A job killed before it was in the ledger, or after it had ended there, leaves nothing to resume. */
const NOTHING_TO_RESUME = ['LEDGER_MISSING', 'NOTHING_TO_RESUME']

function tell(line: DriverLine): void {
  writeSync(1, `${JSON.stringify(line)}\n`)
}

const order = JSON.parse(process.argv[2]!) as DriverOrder
const { root, stateDir, out, config } = order
const killSwitch = new KillSwitch(order.kills, (type) => tell({ type }))
const variant = VARIANTS[order.variant]
const sink = !variant.exports ? null : order.watchSink ? killSwitch.sink() : 'jsonl'
const engine = new BatchProcessingEngine(
  { ...config, stateDir, out, sink },
  { openLedger: async (dir) => variant.ledger(killSwitch.ledger(await openLedger(dir)), { stateDir: dir, out }) },
)
engine.events.subscribe((event) => {
  if (event.type === 'worker-started') tell({ type: 'worker', pid: event.pid })
  if (event.type === 'job-started') tell({ type: 'started', starts: event.starts })
  killSwitch.hear(event)
})

try {
  const { books, balanced, interrupted } = await (order.mode === 'run' ? engine.processRepository(root) : resumeOrRun())
  tell({ type: 'ended', result: { books, balanced, interrupted } })
} catch (error) {
  if (!(error instanceof MillraceError)) throw error
  tell({ type: 'failed', code: error.code, message: error.message })
}

async function resumeOrRun(): Promise<RepositoryProcessingResult> {
  try {
    return await engine.resumeFailedBatchJob()
  } catch (error) {
    if (error instanceof MillraceError && NOTHING_TO_RESUME.includes(error.code)) return engine.processRepository(root)
    throw error
  }
}
