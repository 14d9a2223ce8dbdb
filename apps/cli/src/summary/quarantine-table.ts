import type { QuarantineRow } from '@millrace/files'
import { alignColumns } from '../text/columns.ts'
import { formatBytes, formatCount } from '../text/numbers.ts'
import { displayWidth, fitEnd, printable, printablePath } from '../text/width.ts'
import type { View } from './sections.ts'

/** The files in quarantine, a line each; the path takes the room that is left. */
export function quarantineTable(rows: readonly QuarantineRow[], { style, width }: View): string {
  const lines = alignColumns(
    [
      ['CODE', 'ATTEMPTS', 'SIZE'],
      ...rows.map(({ code, attempts, size }) => [printable(code), formatCount(attempts), formatBytes(size)]),
    ],
    ['left', 'right', 'right'],
  )
  const columns = Math.max(...lines.map(displayWidth))
  const room = Math.max(8, width - columns - 2)
  const paths = ['PATH', ...rows.map(({ path }) => fitEnd(printablePath(path), room, style.symbols.ellipsis))]
  const text = lines.map((line, index) => `${line.padEnd(columns)}  ${paths[index]}`)
  return `${[style.dim(text[0] ?? ''), ...text.slice(1)].join('\n')}\n`
}
