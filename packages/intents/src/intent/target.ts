/** A type of PostgreSQL by its name, such as `text`, `int8`, `float8`, `jsonb`, `uuid`, `timestamptz`. */
export type ColumnType = string

/** A column that tells rows apart: it needs a unique index. */
export interface KeyColumn {
  readonly column: string
  /** @default "text" */
  readonly type?: ColumnType
}

/** What must hold of a row for its change to be made; otherwise the intent ends with `CONDITION_FAILED`. */
export interface Condition {
  /** A column, or in a JSON patch a dot path. */
  readonly path: string
  readonly is: '=' | '!=' | '<' | '<=' | '>' | '>=' | 'exists' | 'missing'
  /** What it is compared with: a string, a number or a boolean. Not for `exists` and `missing`. */
  readonly value?: string | number | boolean
}

/** A change of one row: what `toRow` gives for an `update` and for a `patch`. */
export interface RowChange {
  /** The value of the key column. */
  readonly key: string | number
  /** New values, by column or dot path. */
  readonly set?: Readonly<Record<string, unknown>>
  /** What is added to numbers, by column or dot path; a number that is not there counts as 0. */
  readonly add?: Readonly<Record<string, number>>
  /** Dot paths that are taken away. Only of a `patch`. */
  readonly remove?: readonly string[]
  readonly when?: readonly Condition[]
}

/** A row to insert: what `toRow` gives for an `insert` and for `sql`. Columns left out are NULL. */
export type Row = Readonly<Record<string, unknown>>

/** Rows are inserted. */
export interface InsertTarget {
  readonly kind: 'insert'
  /** With its schema where it is not on the search path: `game.events`. */
  readonly table: string
  readonly columns: Readonly<Record<string, ColumnType>>
  /** The columns of the unique index by which `onConflict` finds rows. */
  readonly key?: readonly string[]
  /** What a row does that is there already: fails its intent (`ROW_EXISTS`), is passed over, or is overwritten. @default "error" */
  readonly onConflict?: 'error' | 'ignore' | 'update'
  /** Columns the caller gets back. */
  readonly returning?: readonly string[]
}

/** Columns of rows that are there are changed; an intent whose row is not there ends with `ROW_NOT_FOUND`. */
export interface UpdateTarget {
  readonly kind: 'update'
  readonly table: string
  readonly key: KeyColumn
  /** The columns that may be set, added to or compared. */
  readonly columns: Readonly<Record<string, ColumnType>>
  readonly returning?: readonly string[]
}

/** Parts of a JSONB column are changed, by dot paths: `position.x`. Objects on the way are made; a path into a scalar is `PATH_NOT_OBJECT`. */
export interface PatchTarget {
  readonly kind: 'patch'
  readonly table: string
  readonly key: KeyColumn
  /** The JSONB column. */
  readonly column: string
  /** Whether a row that is not there is inserted first, with an empty object; its intent otherwise ends with `ROW_NOT_FOUND`. @default false */
  readonly create?: boolean
  /** Dot paths the caller gets back, as they are after the change. */
  readonly returning?: readonly string[]
}

/**
 * A statement of the user's, over a relation named `input` with the column `ord` and those declared here: one row for each intent. It must
 * return `ord` of each that it applied; what else it returns is the intent's value. One that it does not return ends with `CONDITION_FAILED`.
 */
export interface SqlTarget {
  readonly kind: 'sql'
  readonly text: string
  readonly columns: Readonly<Record<string, ColumnType>>
}

/** Where intents of a type are written, and how. */
export type Target = InsertTarget | UpdateTarget | PatchTarget | SqlTarget

/** What `toRow` gives for a target. */
export type RowOf<T extends Target> = T extends UpdateTarget | PatchTarget ? RowChange : Row
