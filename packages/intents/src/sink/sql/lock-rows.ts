import type { RowGroup } from './group-rows.ts'
import { inputColumn, inputQuery, inputValues } from './encode/input.ts'
import type { Statement } from './sql-session.ts'
import type { LockedRows } from './statements/shape.ts'

/**
 * Statements that lock the rows of several groups in one order: by table, and in it by key.
 *
 * One statement locks its rows in the order of their keys; two of them may meet those of another transaction crosswise, and deadlock. So where
 * rows of a batch are locked by more than one statement, all are locked before; where by one, nothing is to be done.
 */
export function lockRows(groups: readonly RowGroup[]): Statement[] {
  const locking = groups.filter(({ shape }) => shape.locks !== undefined)
  if (locking.length < 2) return []
  const tables = new Map<string, { locks: LockedRows; keys: Set<string> }>()
  for (const { shape, rows } of locking) {
    const locks = shape.locks!
    const id = `${locks.table} ${locks.column}`
    const table = tables.get(id) ?? { locks, keys: new Set<string>() }
    tables.set(id, table)
    for (const { rowKey } of rows) if (rowKey !== undefined) table.keys.add(rowKey)
  }
  return [...tables.entries()]
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([, { locks, keys }]) => {
      const column = inputColumn('k', locks.type)
      return {
        text: `SELECT FROM (${inputQuery([column])}) AS input JOIN ${locks.table} AS t ON t.${locks.column} = input.k FOR NO KEY UPDATE OF t`,
        values: inputValues([column], [...keys].sort().map((key) => [key])),
      }
    })
}
