import type { SimulateReport } from '@millrace/pulse'
import { commandLine } from '../terminal.ts'
import { formatCount, formatItems, formatSeconds } from '../text/numbers.ts'
import type { Style } from '../text/style.ts'
import { printable } from '../text/width.ts'

/** Lines of a monitor's history that are told with a violation, the last. */
const MOST_LINES = 40

/** What came of a simulation, for people. @param words are those by which it can be run again. */
export function simulateReport(
  report: SimulateReport,
  {
    seconds,
    words,
    isWhole,
  }: { readonly seconds: number; readonly words: readonly string[]; readonly isWhole: boolean },
  { bold, green, red, dim }: Style,
): string {
  const { seed, monitors, checks, calmChecks, results, transitions, interventions, deliveries, violations } = report
  const { crashes, restarts, reloads, clockJumps, simulatedMs, hash } = report
  const found = violations.length === 0 ? green('none') : red(formatCount(violations.length))
  return `${[
    `${bold('Seed')}        ${seed}${isWhole ? '' : dim(' (ended early: another run may get further)')}`,
    `${bold('Monitors')}    ${formatCount(monitors)} over ${formatSeconds(simulatedMs / 1000)} of their time, in ${formatSeconds(seconds)}: ${formatItems(Math.round((checks + calmChecks) / seconds), 'check')}/s`,
    `${bold('Happened')}    ${formatItems(checks, 'check')} and ${formatCount(calmChecks)} more in the calm that ends it, ${formatItems(results, 'result')}, ${formatItems(transitions, 'transition')}, ${formatItems(interventions, 'intervention')}, ${formatItems(deliveries, 'delivery', 'deliveries')}`,
    `${bold('Went wrong')}  ${formatItems(crashes, 'crash', 'crashes')}, ${formatItems(restarts, 'restart')}, ${formatItems(reloads, 'reload')}, ${formatItems(clockJumps, 'jump')} of the clock`,
    `${bold('Hash')}        ${hash}`,
    `${bold('Violations')}  ${found}`,
    ...violations.flatMap((violation) => violationLines(violation, red)),
    ...(violations.length === 0 ? [] : [`${bold('Again')}       ${commandLine(words, process.env)}`]),
  ].join('\n')}\n`
}

/** How far it has come, on one line. */
export function simulateLine({ checks, transitions, crashes, simulatedMs }: SimulateReport): string {
  return `${formatItems(checks, 'check')}, ${formatItems(transitions, 'transition')}, ${formatItems(crashes, 'crash', 'crashes')}: ${formatSeconds(simulatedMs / 1000)} of their time`
}

function violationLines(
  { at, rule, monitor, message, history }: SimulateReport['violations'][number],
  red: (text: string) => string,
): string[] {
  const whose = monitor === undefined ? '' : ` ${printable(monitor)}`
  return [
    `  ${red(rule)} at ${formatSeconds(at / 1000)}${whose}: ${printable(message)}`,
    ...history.slice(-MOST_LINES).map((line) => `    ${printable(line)}`),
  ]
}
