import { displayWidth } from './width.ts'

export type Alignment = 'left' | 'right'

/** Lines in which the cells of each column stand under one another, two spaces apart; the last column is not padded. */
export function alignColumns(rows: readonly (readonly string[])[], alignments: readonly Alignment[]): string[] {
  const widths = alignments.map((_, column) => Math.max(0, ...rows.map((row) => displayWidth(row[column] ?? ''))))
  return rows.map((row) => {
    const cells = row.map((cell, column) => {
      const padding = ' '.repeat(Math.max(0, (widths[column] ?? 0) - displayWidth(cell)))
      return alignments[column] === 'right' ? padding + cell : cell + padding
    })
    return cells.join('  ').trimEnd()
  })
}
