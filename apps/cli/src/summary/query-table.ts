import type { QueryAnswer, QueryValue } from '@millrace/files'
import { alignColumns } from '../text/columns.ts'
import { formatItems } from '../text/numbers.ts'
import { displayWidth, fitStart, printable } from '../text/width.ts'
import type { View } from './sections.ts'

/** Widest cell. */
const MAX_CELL = 60
/** A column that has to give way keeps so much. */
const LEAST_CELL = 12
/** Rows that a person is shown. */
const MAX_ROWS = 1000
const GAP = 2

/**
 * An answer as a table. Where it is wider than `width` its widest columns give way, and where that is not enough the last ones are left out; a number is shown
 * whole or not at all. What was cut is said below.
 */
export function queryTable({ columns, rows }: QueryAnswer, { style, width }: View): string {
  const { ellipsis } = style.symbols
  const numeric = columns.map(
    (_, at) => rows.length > 0 && rows.every((row) => typeof row[at] === 'number' || row[at] === null),
  )
  const shown = rows.slice(0, MAX_ROWS).map((row) => row.map((value) => printable(textOf(value))))
  const cells = [columns.map(({ name }) => printable(name)), ...shown]
  const wanted = columns.map((_, at) =>
    Math.min(
      MAX_CELL,
      cells.reduce((most, row) => Math.max(most, displayWidth(row[at]!)), 0),
    ),
  )
  const widths = fitting(wanted, numeric, width)
  const fit = (cell: string, at: number) => (numeric[at] ? cell : fitStart(cell, widths[at]!, ellipsis))
  const [head = '', ...lines] = alignColumns(
    cells.map((row) => row.slice(0, widths.length).map(fit)),
    widths.map((_, at) => (numeric[at] ? 'right' : 'left')),
  )
  const hidden = [
    ...(rows.length > shown.length ? [formatItems(rows.length - shown.length, 'row')] : []),
    ...(columns.length > widths.length ? [formatItems(columns.length - widths.length, 'column')] : []),
  ]
  const isCut = widths.some((most, at) => !numeric[at] && cells.some((row) => displayWidth(row[at]!) > most))
  const cut = [
    ...(hidden.length > 0 ? [`${hidden.join(' and ')} not shown`] : []),
    ...(isCut ? ['long values cut'] : []),
  ]
  const foot = `${formatItems(rows.length, 'row')}${cut.length === 0 ? '' : `; ${cut.join(', ')}. --format json or csv has all`}`
  return `${[style.bold(head), ...lines, style.dim(foot)].join('\n')}\n`
}

/** The widths of as many columns as have room: the widest give way first, all to the same width. */
function fitting(wanted: readonly number[], numeric: readonly boolean[], width: number): readonly number[] {
  for (let count = wanted.length; count > 1; count--) {
    const kept = wanted.slice(0, count)
    const isFixed = (each: number, at: number) => numeric[at] || each <= LEAST_CELL
    const gaps = GAP * (count - 1)
    const least = kept.reduce((sum, each, at) => sum + (isFixed(each, at) ? each : LEAST_CELL), gaps)
    if (least > width) continue
    for (let most = MAX_CELL; ; most--) {
      const tried = kept.map((each, at) => (isFixed(each, at) ? each : Math.min(each, most)))
      if (tried.reduce((sum, each) => sum + each, gaps) <= width) return tried
    }
  }
  return wanted.slice(0, 1).map((each) => Math.min(each, Math.max(width, LEAST_CELL)))
}

/** A value as text: lists and structures as JSON, and nothing by its name. */
export function textOf(value: QueryValue): string {
  if (value === null) return 'NULL'
  return typeof value === 'object' ? JSON.stringify(value) : String(value)
}
