/** Codecs that have no other within them, by name. */
export type PlainShape =
  | 'number'
  | 'boolean'
  | 'string'
  | 'float64Array'
  | 'float32Array'
  | 'int32Array'
  | 'uint32Array'
  | 'int16Array'
  | 'uint16Array'
  | 'int8Array'
  | 'uint8Array'

/**
 * A codec as plain data, by which another thread makes the same: a name, or one key that says how the shapes within it
 * are put together.
 */
export type CodecShape =
  | PlainShape
  | { readonly record: Readonly<Record<string, CodecShape>> }
  | { readonly list: CodecShape }
  | { readonly optional: CodecShape }
