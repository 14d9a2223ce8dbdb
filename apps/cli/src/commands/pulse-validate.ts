import { resolve } from 'node:path'
import { createKinds, type ManifestReport, validateManifest } from '@millrace/pulse'
import { ExitCode, exitCodeOf } from '../exit-code.ts'
import { faultEvent, faultLines } from '../pulse/fault-words.ts'
import { manifestOptions } from '../pulse/open-manifest.ts'
import { manifestReport } from '../pulse/validate-words.ts'
import { errorEvent, errorLine } from '../report-error.ts'
import { pathFrom, printJson, viewOf } from '../terminal.ts'

export interface PulseValidateFlags {
  readonly strict?: boolean
  readonly allowCommand?: readonly string[]
  readonly json?: boolean
}

/** `millrace pulse validate`: what is wrong with a manifest, and what it comes to. */
export async function validatePulse(path: string, flags: PulseValidateFlags): Promise<ExitCode> {
  try {
    const kinds = createKinds({ commands: flags.allowCommand ?? [] })
    const report = await validateManifest(resolve(path), manifestOptions({ kinds, isStrict: flags.strict === true }))
    if (flags.json === true) tellJson(report)
    else tell(pathFrom(process.cwd(), resolve(path)), report)
    return report.faults.faults === 0 ? ExitCode.DELIVERED : ExitCode.USAGE
  } catch (error) {
    process.stderr.write(`${errorLine(error, viewOf(process.stderr).style)}\n`)
    if (flags.json === true) printJson(errorEvent(error))
    return exitCodeOf({ kind: 'failed', error, jobStarted: false })
  }
}

function tell(name: string, report: ManifestReport): void {
  for (const line of faultLines(name, report.faults, viewOf(process.stderr).style)) process.stderr.write(`${line}\n`)
  process.stdout.write(manifestReport(name, report, viewOf(process.stdout).style))
}

function tellJson({ faults, ...report }: ManifestReport): void {
  for (const fault of [...faults.told, ...faults.toldWarnings]) printJson(faultEvent(fault))
  printJson({ event: 'report', ...report, faults: faults.faults, warnings: faults.warnings })
}
