import { modelBatches } from '@millrace/intents'
import { ExitCode } from '../exit-code.ts'
import { modelReport } from '../intents/sizing/model-words.ts'
import { printJson, viewOf } from '../terminal.ts'

export interface ModelFlags {
  readonly rate: number
  readonly window?: number
  readonly max?: number
  readonly connections?: number
  readonly fixedMs?: number
  readonly perIntentMs?: number
  readonly json?: boolean
}

/** `millrace intents model`: what to expect of a window and a size, without a database. */
export async function modelIntents(flags: ModelFlags): Promise<ExitCode> {
  const options = {
    ratePerSecond: flags.rate,
    timeWindowMs: flags.window ?? 10,
    maxBatchSize: flags.max ?? 857,
    connections: flags.connections ?? 2,
    fixedMs: flags.fixedMs ?? 0.5,
    perIntentMs: flags.perIntentMs ?? 0.005,
  }
  const forecast = modelBatches(options)
  if (flags.json === true) printJson({ ...options, ...forecast })
  else process.stdout.write(modelReport(options, forecast, viewOf(process.stdout)))
  return ExitCode.DELIVERED
}
