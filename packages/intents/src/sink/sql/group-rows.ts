import type { Shape, ShapedRow } from './statements/shape.ts'

/** Shapes in a wave above which a statement for each costs more than one that can do all. */
const MAX_SHAPES_A_WAVE = 16

/** Rows that one statement writes: of one shape, no two with the same key, sorted by it. */
export interface RowGroup {
  readonly shape: Shape
  readonly rows: readonly ShapedRow[]
}

/**
 * Cuts the rows of a wave into groups; rows of the same key come into groups one after the other, in their order. Groups stand in the order of their
 * places: two transactions with the same tables go through them in the same order.
 */
export function groupRows(wave: readonly ShapedRow[]): RowGroup[] {
  let byShape = groupBy(wave)
  if (byShape.size > MAX_SHAPES_A_WAVE) byShape = groupBy(wave.map((row) => row.shape.general?.(row) ?? row))
  const groups: RowGroup[] = []
  for (const [shape, rows] of byShape) groups.push(...apart(shape, rows))
  return groups.sort((a, b) => (a.shape.place < b.shape.place ? -1 : a.shape.place > b.shape.place ? 1 : 0))
}

function groupBy(rows: readonly ShapedRow[]): Map<Shape, ShapedRow[]> {
  const groups = new Map<Shape, ShapedRow[]>()
  for (const row of rows) {
    const group = groups.get(row.shape)
    if (group === undefined) groups.set(row.shape, [row])
    else group.push(row)
  }
  return groups
}

function apart(shape: Shape, rows: ShapedRow[]): RowGroup[] {
  // PERF: a wave is sorted by its items' keys, which mostly are those of the rows.
  if (isAscending(rows)) return [{ shape, rows }]
  const sorted = rows.toSorted((a, b) => (a.rowKey! < b.rowKey! ? -1 : a.rowKey! > b.rowKey! ? 1 : 0))
  const rounds: ShapedRow[][] = []
  let round = 0
  for (const [at, row] of sorted.entries()) {
    round = at > 0 && sorted[at - 1]?.rowKey === row.rowKey ? round + 1 : 0
    const rowsOfRound = rounds[round]
    if (rowsOfRound === undefined) rounds.push([row])
    else rowsOfRound.push(row)
  }
  return rounds.map((rowsOfRound) => ({ shape, rows: rowsOfRound }))
}

function isAscending(rows: readonly ShapedRow[]): boolean {
  if (rows[0]?.rowKey === undefined) return true
  for (let at = 1; at < rows.length; at++) if (rows[at - 1]!.rowKey! >= rows[at]!.rowKey!) return false
  return true
}
