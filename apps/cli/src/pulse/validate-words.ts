import type { ManifestReport } from '@millrace/pulse'
import { formatBytes, formatCount, formatItems } from '../text/numbers.ts'
import type { Style } from '../text/style.ts'
import { printable } from '../text/width.ts'

/** What a manifest comes to, for people. */
export function manifestReport(name: string, report: ManifestReport, { bold, green, red, yellow }: Style): string {
  const { monitors, disabled, untold, byCheck, byIntervention, profiles, checksPerSecond, maxUnderWay, memoryBytes } =
    report
  const { faults, warnings } = report.faults
  const found = [
    faults === 0 ? green('no faults') : red(formatItems(faults, 'fault')),
    ...(warnings === 0 ? [] : [formatItems(warnings, 'warning')]),
  ].join(', ')
  const off = disabled === 0 ? '' : `, ${formatCount(disabled)} of them disabled`
  const quiet =
    untold === 0
      ? []
      : [
          `${bold('Alerts')}     ${yellow(`nobody hears of ${formatItems(untold, 'monitor')}: codes.red leads nowhere`)}`,
        ]
  return `${[
    `${bold('Manifest')}   ${name}: ${found}`,
    `${bold('Monitors')}   ${formatCount(monitors)}${off}; ${formatItems(profiles, 'profile')}`,
    `${bold('Checks')}     ${counts(byCheck)}`,
    `${bold('Repairs')}    ${counts(byIntervention)}`,
    ...quiet,
    `${bold('Load')}       ${rate(checksPerSecond)} checks/s; ${formatCount(maxUnderWay)} under way at once if all took their whole timeout`,
    `${bold('Memory')}     about ${formatBytes(memoryBytes)} beyond an empty process`,
  ].join('\n')}\n`
}

function counts(byType: Readonly<Record<string, number>>): string {
  const parts = Object.entries(byType).map(([type, count]) => `${formatCount(count)} ${printable(type)}`)
  return parts.length === 0 ? 'none' : parts.join(', ')
}

function rate(perSecond: number): string {
  return perSecond < 9.95 ? perSecond.toFixed(1) : formatCount(perSecond)
}
