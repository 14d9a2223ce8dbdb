import { inputColumn, inputQuery, inputValues } from './encode/input.ts'
import type { RowGroup } from './group-rows.ts'
import type { Statement } from './sql-session.ts'
import type { LockedRows } from './statements/shape.ts'

interface TableLocks {
  readonly locks: LockedRows
  readonly keys: Set<string>
  /** Keys of rows that are to be made, by what makes them. */
  readonly made: Map<string, Set<string>>
}

/**
 * Statements that lock the rows of several groups in one order: by table, and in it by key. Rows that are to be made are made then.
 *
 * One statement locks its rows in the order of their keys; two of them may meet those of another transaction crosswise, and deadlock. So where
 * rows of a batch are locked by more than one statement, or by one that is not the first, all are locked before.
 */
export function lockRows(groups: readonly RowGroup[]): Statement[] {
  const locking = groups.filter(({ shape }) => shape.locks !== undefined)
  if (locking.length === 0 || (locking.length === 1 && locking[0] === groups[0])) return []
  const tables = new Map<string, TableLocks>()
  for (const { shape, rows } of locking) {
    const locks = shape.locks!
    const id = `${locks.table} ${locks.column}`
    const table = tables.get(id) ?? { locks, keys: new Set(), made: new Map() }
    tables.set(id, table)
    const made = locks.create === undefined ? undefined : (table.made.get(locks.create) ?? new Set<string>())
    if (locks.create !== undefined && made !== undefined) table.made.set(locks.create, made)
    for (const { rowKey } of rows) {
      if (rowKey === undefined) continue
      table.keys.add(rowKey)
      made?.add(rowKey)
    }
  }
  const inOrder = [...tables].sort(([a], [b]) => (a < b ? -1 : 1))
  return inOrder.flatMap(([, { locks, keys, made }]) => {
    const column = inputColumn('k', locks.type)
    const values = (of: Set<string>) =>
      inputValues(
        [column],
        [...of].sort().map((key) => [key]),
      )
    return [
      ...[...made].map(([text, madeKeys]) => ({ text, values: values(madeKeys) })),
      {
        text: `SELECT FROM (${inputQuery([column])}) AS input JOIN ${locks.table} AS t ON t.${locks.column} = input.k FOR NO KEY UPDATE OF t`,
        values: values(keys),
      },
    ]
  })
}
