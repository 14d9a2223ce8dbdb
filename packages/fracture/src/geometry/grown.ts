type Column = Float64Array<ArrayBuffer> | Int32Array<ArrayBuffer> | Int8Array<ArrayBuffer> | Uint8Array<ArrayBuffer>

/** `column` with room for `length` numbers: itself, or a longer one that begins with the same. */
export function grown<C extends Column>(column: C, length: number): C {
  if (length <= column.length) return column
  const longer = new (column.constructor as new (length: number) => C)(Math.max(length, 2 * column.length))
  longer.set(column)
  return longer
}
