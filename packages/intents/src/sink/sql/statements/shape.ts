import type { RowChange } from '../../../intent/target.ts'
import type { ItemOutcome, WriteItem } from '../../sink.ts'
import type { Statement, StatementResult } from '../sql-session.ts'

/** An item as its statement takes it. */
export interface ShapedRow {
  readonly item: WriteItem
  readonly shape: Shape
  /** Its values, in the order of the shape's columns. */
  readonly texts: readonly (string | null)[]
  /** What tells its row from others; undefined where that does not matter. */
  readonly rowKey: string | undefined
  /** What `toRow` gave. */
  readonly source: unknown
  /** The same, where it is a change. */
  readonly change: RowChange | undefined
}

/** Rows of a table that a statement changes, by their key. */
export interface LockedRows {
  readonly table: string
  readonly column: string
  readonly type: string
  /** What inserts those that are not there, in the order in which their keys are given. */
  readonly create: Statement['text'] | undefined
}

/** What rows have in common that one statement can write. */
export interface Shape {
  /** The rows that a statement of it locks, where they are known by a key; then that is the first of the texts. */
  readonly locks: LockedRows | undefined
  /** Where its statement stands among those of a wave, the same for everybody: what locks rows by their key, then inserts by their table, then the users' own. */
  readonly place: string
  /** Whether it is planned as the user has it set, rather than for a walk in the order of the input. */
  readonly usersPlan: boolean
  /** Writes rows, no two with the same key. What {@link settle} needs is what the last one returns. */
  statements(rows: readonly ShapedRow[]): Statement[]
  /** Tells of each row that is not just done, or has a value. */
  settle(
    rows: readonly ShapedRow[],
    result: StatementResult,
    tell: (row: ShapedRow, outcome: ItemOutcome) => void,
  ): void
  /** The row in a shape that it shares with every other row of its target, if slower. */
  general?(row: ShapedRow): ShapedRow
}

/** Makes of items what statements take; one for each definition. */
export interface TargetWriter {
  /** @throws {MillraceError} what is the item's failure, not the batch's. */
  read(item: WriteItem): ShapedRow
}
