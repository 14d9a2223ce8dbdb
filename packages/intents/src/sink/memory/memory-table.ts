/** A row of a {@link MemoryTable}, by column. */
export type MemoryRow = Record<string, unknown>

/** Rows in memory, found by key columns. */
export class MemoryTable {
  readonly rows: MemoryRow[] = []
  /** By the columns' names: rows by the texts of their values. */
  readonly #indexes = new Map<string, Map<string, MemoryRow>>()

  insert(row: MemoryRow): void {
    this.rows.push(row)
    for (const [columns, index] of this.#indexes)
      index.set(textOfKey(columns.split('\0').map((column) => row[column])), row)
  }

  find(columns: readonly string[], key: readonly unknown[]): MemoryRow | undefined {
    const name = columns.join('\0')
    let index = this.#indexes.get(name)
    if (index === undefined) {
      index = new Map(this.rows.map((row) => [textOfKey(columns.map((column) => row[column])), row]))
      this.#indexes.set(name, index)
    }
    return index.get(textOfKey(key))
  }

  /** Changes columns of a row. */
  assign(row: MemoryRow, values: MemoryRow): void {
    Object.assign(row, values)
    for (const columns of this.#indexes.keys())
      if (columns.split('\0').some((column) => column in values)) this.#indexes.delete(columns)
  }
}

function textOfKey(values: readonly unknown[]): string {
  return values.map(String).join('\0')
}
