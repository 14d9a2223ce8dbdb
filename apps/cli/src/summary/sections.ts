import type { Books, DiscoveryProblem, ExclusionReason, Highlight, SlowFile } from '@millrace/files'
import { alignColumns } from '../text/columns.ts'
import { formatBytes, formatCount, formatMs, formatShare } from '../text/numbers.ts'
import type { Style } from '../text/style.ts'
import { fitEnd, fitMiddle, printable, printablePath } from '../text/width.ts'
import { wrapWords } from '../text/wrap.ts'

/** How wide a text may be and how it looks. */
export interface View {
  readonly width: number
  readonly style: Style
}

const REASONS: Readonly<Record<ExclusionReason, string>> = {
  ignored: 'named by .gitignore',
  excluded: 'named by --exclude',
  'not-included': 'not named by --include',
  hidden: 'hidden',
  symlink: 'symbolic links',
  special: 'pipes and devices',
  'name-not-utf8': 'with names that are not UTF-8',
  'no-processor': 'of kinds no processor takes',
}

/** The books, one line each, and whether they balance; those of a job that is not `settled` cannot yet. */
export function booksSection(
  books: Books,
  exclusions: Readonly<Record<string, number>>,
  view: View,
  settled = true,
): string[] {
  const { discovered, delivered, quarantined, excluded } = books
  const { style } = view
  const share = (part: number) => (discovered === 0 ? '' : formatShare(part, discovered))
  const rows = alignColumns(
    [
      ['Discovered', formatCount(discovered), ''],
      ['Delivered', formatCount(delivered), share(delivered)],
      ['Quarantined', formatCount(quarantined), share(quarantined)],
      ['Excluded', formatCount(excluded), share(excluded)],
    ],
    ['left', 'right', 'right'],
  ).map((row, line) => (line === 2 && quarantined > 0 ? style.yellow(row) : row))
  return [...rows, ...exclusionLines(exclusions, view), balanceLine(books, style, settled)].map((line) => `  ${line}`)
}

/** The files that took longest. */
export function slowestSection(files: readonly SlowFile[], view: View): string[] {
  if (files.length === 0) return []
  const rows = files.map(({ ms, size, path }) => [formatMs(ms), formatBytes(size), printablePath(path)] as const)
  return section('Slowest files', fitLastColumn(rows, view, fitEnd), view)
}

/** The entries of the processors' "most …" lists, a section a list. */
export function highlightSections(highlights: readonly Highlight[], limit: number, view: View): string[] {
  const lists = Map.groupBy(highlights, ({ list }) => list)
  return [...lists].flatMap(([list, entries]) => {
    const rows = entries.slice(0, limit).map(({ value, label }) => [formatCount(value), printable(label)] as const)
    const title = list === 'complexity' ? 'Most complex functions' : `Most: ${printable(list)}`
    return section(title, fitLastColumn(rows, view, fitMiddle), view)
  })
}

/** What discovery could not look into. */
export function problemsSection(problems: readonly DiscoveryProblem[], limit: number, view: View): string[] {
  if (problems.length === 0) return []
  const rows = problems.slice(0, limit).map(({ code, path }) => [code, printablePath(path)] as const)
  const lines = fitLastColumn(rows, view, fitEnd)
  const rest = problems.length - limit
  if (rest > 0) lines.push(view.style.dim(`${view.style.symbols.ellipsis} and ${formatCount(rest)} more`))
  return section('Could not be looked into', lines, view)
}

/** Facts by name, the names under one another. */
export function factsSection(facts: readonly (readonly [name: string, fact: string])[], { style }: View): string[] {
  return [
    '',
    ...alignColumns(
      facts.map(([name, fact]) => [style.dim(name), fact]),
      ['left', 'left'],
    ).map((line) => `  ${line}`),
  ]
}

/** Lines under a title. */
export function section(title: string, lines: readonly string[], { style }: View): string[] {
  return ['', `  ${style.bold(title)}`, ...lines.map((line) => `  ${line}`)]
}

function exclusionLines(exclusions: Readonly<Record<string, number>>, { style, width }: View): string[] {
  const reasons: Readonly<Record<string, string>> = REASONS
  const parts = Object.entries(exclusions)
    .filter(([, count]) => count > 0)
    .sort(([, left], [, right]) => right - left)
    .map(([reason, count]) => `${formatCount(count)} ${reasons[reason] ?? reason}`)
  return wrapWords(parts.join(', '), width - 6).map((line) => style.dim(`  ${line}`))
}

function balanceLine(books: Books, { green, yellow, red, symbols }: Style, settled: boolean): string {
  const { discovered, delivered, quarantined, excluded } = books
  const sum = delivered + quarantined + excluded
  const parts = [delivered, quarantined, excluded].map(formatCount).join(' + ')
  if (sum === discovered) return `${green(`${symbols.check} The books balance`)}: ${formatCount(discovered)} = ${parts}`
  const gap = formatCount(Math.abs(discovered - sum))
  if (!settled && sum < discovered) return yellow(`${symbols.dot} ${gap} still to do`)
  const what = sum < discovered ? `${gap} not accounted for` : `${gap} too many`
  return `${red(`${symbols.cross} The books do not balance`)}: of ${formatCount(discovered)} discovered, ${what}`
}

function fitLastColumn(
  rows: readonly (readonly string[])[],
  { width, style }: View,
  fit: (text: string, columns: number, ellipsis: string) => string,
): string[] {
  const last = Math.max(0, ...rows.map((row) => row.length - 1))
  const heads = alignColumns(
    rows.map((row) => [...row.slice(0, last), '.']),
    Array.from({ length: last + 1 }, () => 'right' as const),
  )
  return rows.map((row, index) => {
    const head = heads[index]?.slice(0, -1) ?? ''
    return head + fit(row[last] ?? '', width - 2 - head.length, style.symbols.ellipsis)
  })
}
