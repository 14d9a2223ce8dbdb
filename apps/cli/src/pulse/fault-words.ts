import { MillraceError } from '@millrace/kernel/errors'
import type { FaultList, ManifestFault } from '@millrace/pulse'
import { formatCount, formatItems } from '../text/numbers.ts'
import type { Style } from '../text/style.ts'
import { printable } from '../text/width.ts'

/** `monitors.yaml:12 api.pulse_check.interval: must be …`: what an editor can jump to, first. */
function faultLine(file: string, { line, monitor, field, message }: ManifestFault): string {
  const place = line === 0 ? file : `${file}:${line}`
  const where = [...(monitor === undefined ? [] : [monitor]), ...(field === '' ? [] : [field])].join('.')
  return printable(`${place}${where === '' ? '' : ` ${where}`}: ${message}`)
}

/** The lines of these faults and warnings, and how many more there are. */
export function faultLines(
  file: string,
  list: FaultList,
  { red, yellow, dim }: Style,
  most = Number.POSITIVE_INFINITY,
): string[] {
  const lines = (told: readonly ManifestFault[], count: number, what: string, label: string) => {
    const shown = told.slice(0, most).map((fault) => `${label} ${faultLine(file, fault)}`)
    const left = count - shown.length
    return left === 0 ? shown : [...shown, dim(`and ${formatCount(left)} more ${what}`)]
  }
  return [
    ...lines(list.told, list.faults, 'faults', red('fault')),
    ...lines(list.toldWarnings, list.warnings, 'warnings', yellow('warning')),
  ]
}

/** The error of a manifest whose faults have been told line by line: it says no more than how many there are. */
export function faultsError(file: string, faults: number): MillraceError {
  return new MillraceError(
    'MANIFEST_INVALID',
    `${file} has ${formatItems(faults, 'fault')}: nothing of it was loaded.`,
    {
      detail: { file, faults },
    },
  )
}

/** A fault as `--json` prints it. */
export function faultEvent({ line, monitor, field, message, isWarning }: ManifestFault): object {
  return { event: isWarning ? 'warning' : 'fault', line, monitor: monitor ?? null, field, message }
}
