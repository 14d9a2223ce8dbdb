import { readFileSync } from 'node:fs'
import { join } from 'node:path'

/** A row of a table and where it stands. */
export interface TableRow {
  readonly cells: readonly string[]
  /** 1 for the first line. */
  readonly line: number
}

/**
 * Reads the rows of every table of a Markdown file whose head has the `columns`, in order. A `\|` in a cell is a bar.
 * @throws where the file has no such table.
 */
export function readTables(root: string, path: string, columns: readonly string[]): readonly TableRow[] {
  const rows: TableRow[] = []
  let heads = 0
  let inside = false
  for (const [index, text] of readFileSync(join(root, path), 'utf8').split('\n').entries()) {
    const cells = cellsOf(text)
    if (cells.length === 0) inside = false
    else if (inside && !/^[-:]+$/.test(cells[0] ?? '')) rows.push({ cells, line: index + 1 })
    else if (cells.join('|') === columns.join('|')) {
      inside = true
      heads++
    }
  }
  if (heads === 0) throw new Error(`${path} has no table with the columns ${columns.join(' | ')}`)
  return rows
}

function cellsOf(text: string): readonly string[] {
  if (!text.startsWith('|')) return []
  return text
    .trim()
    .slice(1, -1)
    .split(/(?<!\\)\|/)
    .map((cell) => cell.trim().replaceAll('\\|', '|'))
}
