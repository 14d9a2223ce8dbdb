import type { ChaosLoss, ChaosReport, FaultKind, ProcessorFault } from '@millrace/files/chaos'
import { alignColumns } from '../text/columns.ts'
import { formatCount, formatItems, formatSeconds } from '../text/numbers.ts'
import { fitEnd, fitStart, printable } from '../text/width.ts'
import { wrapWords } from '../text/wrap.ts'
import { factsSection, type View } from './sections.ts'

export interface ChaosReportView extends View {
  /** The command line that does the same again. */
  readonly replayCommand: string
  /** How a path is written for the user. */
  readonly pathOf: (absolute: string) => string
}

const DISTURBANCES: Readonly<Record<FaultKind, string>> = {
  'kill-engine': 'Engine killed',
  'stall-engine': 'Engine stopped for a while',
  'kill-worker': 'Workers killed',
  'hang-worker': 'Workers stopped for good',
  'slow-worker': 'Workers stopped for a while',
  'damage-file': 'Files damaged',
}
const LOSSES: Readonly<Record<ChaosLoss['kind'], string>> = {
  'not-ended': 'not ended',
  unbalanced: 'books',
  lost: 'lost',
  doubled: 'twice',
  extra: 'too many',
  garbled: 'garbled',
  stale: 'stale',
  differs: 'differs',
  'left-behind': 'left behind',
}
const FAULTS: Readonly<Record<ProcessorFault['kind'], string>> = {
  'not-deterministic': 'not deterministic',
  crash: 'crashes',
  hang: 'hangs',
  memory: 'exhausts its heap',
  leak: 'leaks',
}
/** Most files that are named of each kind; `--json` has them all. */
const LISTED = 5

/** What came of a trial by chaos, for a person: one text, ending in a line break. */
export function chaosReport(report: ChaosReport, view: ChaosReportView): string {
  const { style } = view
  const { folder } = report
  const lines = [
    '',
    ...headline(report, view),
    '',
    ...disturbances(report, view),
    '',
    ...verdicts(report, view).map((line) => `  ${line}`),
    ...named(
      'What was lost',
      report.losses,
      ({ kind }) => LOSSES[kind],
      ({ told }) => told,
      view,
    ),
    ...Object.entries(Object.groupBy(report.faults, ({ processor }) => processor)).flatMap(([processor, faults = []]) =>
      named(
        `Faults of ${printable(processor)}`,
        faults,
        ({ kind }) => FAULTS[kind],
        ({ seen }) => seen,
        view,
      ),
    ),
    ...refusals(report, view),
    ...factsSection(
      [
        ...(folder === null ? [] : [['Kept', printable(folder)] as const]),
        ['Seed', String(report.seed)],
        ['Again', style.cyan(printable(view.replayCommand))],
      ],
      view,
    ),
    '',
  ]
  return `${lines.join('\n')}\n`
}

function headline(report: ChaosReport, { style, pathOf, width }: ChaosReportView): string[] {
  const { green, yellow, red, bold, dim, symbols } = style
  const words = {
    sound: green(bold(`${symbols.check} Nothing lost`)),
    faulty: yellow(bold(`${symbols.dot} Nothing lost, but the processor has faults`)),
    lost: red(bold(`${symbols.cross} Something lost`)),
  }
  const where = report.root === null ? 'a made-up tree' : printable(pathOf(report.root))
  const of = report.found > report.files ? ` of ${formatCount(report.found)}` : ''
  const facts = [
    `${formatCount(report.files)}${of} ${report.files === 1 && of === '' ? 'file' : 'files'}`,
    formatItems(report.starts, 'start'),
    formatSeconds(report.seconds),
  ]
  return [
    `  ${words[report.verdict]}  ${fitEnd(where, width - 50, symbols.ellipsis)}`,
    `  ${dim(facts.join(` ${symbols.dot} `))}`,
    ...(report.unreadable.length === 0
      ? []
      : [`  ${yellow(`${formatItems(report.unreadable.length, 'file')} could not be read, and so not tried`)}`]),
  ]
}

function disturbances({ disturbances }: ChaosReport, { style }: View): string[] {
  const rows = disturbances.map(({ kind, planned, made }) => [
    DISTURBANCES[kind],
    formatCount(made),
    made < planned ? style.dim(`of ${formatCount(planned)}; for the others there was no moment`) : '',
  ])
  return alignColumns(rows, ['left', 'right', 'left']).map((line) => `  ${line}`)
}

function verdicts({ books, losses, faults, identical }: ChaosReport, { style }: View): string[] {
  const { green, yellow, red, symbols } = style
  const isFine = (...kinds: ChaosLoss['kind'][]) => !losses.some(({ kind }) => kinds.includes(kind))
  const line = (fine: boolean, yes: string, no: string) =>
    fine ? `${green(symbols.check)} ${yes}` : `${red(symbols.cross)} ${no}`
  if (!isFine('not-ended')) return [line(false, '', 'The disturbed run did not come to its end')]
  const { discovered, delivered, quarantined, excluded } = books
  const sum = `${formatCount(discovered)} = ${[delivered, quarantined, excluded].map(formatCount).join(' + ')}`
  const unsteady = faults.some(({ kind }) => kind !== 'leak')
  const same = 'The output is that of an undisturbed run, byte for byte'
  return [
    line(isFine('unbalanced'), `The books balance: ${sum}`, 'The books do not balance'),
    line(
      isFine('lost', 'doubled', 'extra', 'garbled'),
      'Every file is in the output or in quarantine, once',
      'Not every file is in the output or in quarantine, once',
    ),
    !identical && unsteady && isFine('stale', 'differs')
      ? `${yellow(symbols.dot)} The output is that of an undisturbed run, but for files with faults`
      : line(identical && isFine('stale', 'differs'), same, 'The output is not that of an undisturbed run'),
    line(isFine('left-behind'), 'No process was left behind', 'Processes were left behind'),
  ]
}

/** Findings, those of a kind under one another, each with its file and a sentence. */
function named<F extends { readonly path: string | null }>(
  title: string,
  findings: readonly F[],
  kindOf: (finding: F) => string,
  tell: (finding: F) => string,
  { style, width }: View,
): string[] {
  const groups = Map.groupBy(findings, kindOf)
  const lines = [...groups].flatMap(([kind, group]) => [
    ...group
      .slice(0, LISTED)
      .flatMap((finding) => [
        `${style.yellow(kind)}  ${fitEnd(printable(finding.path ?? 'all files'), width - 6 - kind.length, style.symbols.ellipsis)}`,
        ...wrapWords(printable(tell(finding)), width - 6).map((line) => `  ${style.dim(line)}`),
      ]),
    ...(group.length > LISTED
      ? [style.dim(`${style.symbols.ellipsis} and ${formatCount(group.length - LISTED)} more (--json names them)`)]
      : []),
  ])
  return lines.length === 0 ? [] : ['', `  ${style.bold(title)}`, ...lines.map((line) => `  ${line}`)]
}

/** What processors do not take is their right; what was damaged for it is told. */
function refusals({ refused }: ChaosReport, { style, width }: View): string[] {
  if (refused.length === 0) return []
  const lines = refused.slice(0, LISTED).flatMap(({ path, code, message, damage }) => {
    const reason = damage === null ? message : `after it ${damage}`
    return [
      fitEnd(printable(path), width - 2, style.symbols.ellipsis),
      `  ${style.yellow(code)}  ${style.dim(fitStart(printable(reason), width - 6 - code.length, style.symbols.ellipsis))}`,
    ]
  })
  if (refused.length > LISTED)
    lines.push(style.dim(`${style.symbols.ellipsis} and ${formatCount(refused.length - LISTED)} more`))
  return ['', `  ${style.bold('Refused, as a processor may')}`, ...lines.map((line) => `  ${line}`)]
}
