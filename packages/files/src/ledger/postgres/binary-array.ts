/** Object ids of PostgreSQL's types, which are the same on every server. */
const OID = { bytea: 17, int4: 23, text: 25, int8: 20, float8: 701 } as const

/** Dimensions, a flag, the type, the length, the first index. */
const HEAD_BYTES = 20

/**
 * Arrays as PostgreSQL reads them in its binary format, to be handed to `pg` as a parameter.
 *
 * PERF: a record is JSON, in which every quote would be escaped in the text format, and read again there; like this it is copied. A text is
 * sent as UTF-8; half of a surrogate pair becomes U+FFFD, as it does in SQLite.
 */
export function textArray(values: readonly (string | null)[]): Buffer {
  let bytes = HEAD_BYTES
  for (const value of values) bytes += 4 + (value === null ? 0 : Buffer.byteLength(value))
  const buffer = Buffer.allocUnsafe(bytes)
  let at = writeHead(buffer, OID.text, values.length)
  for (const value of values) {
    if (value === null) at = buffer.writeInt32BE(-1, at)
    else {
      const written = buffer.write(value, at + 4)
      buffer.writeInt32BE(written, at)
      at += 4 + written
    }
  }
  return buffer.subarray(0, at)
}

/** Of bytes: a text's are its UTF-8. */
export function byteaArray(values: readonly (Buffer | string)[]): Buffer {
  let bytes = HEAD_BYTES
  for (const value of values) bytes += 4 + Buffer.byteLength(value)
  const buffer = Buffer.allocUnsafe(bytes)
  let at = writeHead(buffer, OID.bytea, values.length)
  for (const value of values) {
    const written = typeof value === 'string' ? buffer.write(value, at + 4) : value.copy(buffer, at + 4)
    buffer.writeInt32BE(written, at)
    at += 4 + written
  }
  return buffer.subarray(0, at)
}

/** Of integers of 32 bits. */
export function int4Array(values: readonly number[]): Buffer {
  return numbers(OID.int4, 4, values, (buffer, value, at) => buffer.writeInt32BE(value, at))
}

/** Of integers that JavaScript holds exactly. */
export function int8Array(values: readonly number[]): Buffer {
  return numbers(OID.int8, 8, values, (buffer, value, at) => buffer.writeBigInt64BE(BigInt(value), at))
}

export function float8Array(values: readonly number[]): Buffer {
  return numbers(OID.float8, 8, values, (buffer, value, at) => buffer.writeDoubleBE(value, at))
}

function numbers(
  oid: number,
  width: number,
  values: readonly number[],
  write: (buffer: Buffer, value: number, at: number) => void,
): Buffer {
  const buffer = Buffer.allocUnsafe(HEAD_BYTES + values.length * (4 + width))
  let at = writeHead(buffer, oid, values.length)
  for (const value of values) {
    buffer.writeInt32BE(width, at)
    write(buffer, value, at + 4)
    at += 4 + width
  }
  return buffer.subarray(0, at)
}

function writeHead(buffer: Buffer, oid: number, length: number): number {
  if (length === 0) {
    // An empty array has no dimension.
    buffer.writeInt32BE(0, 0)
    buffer.writeInt32BE(0, 4)
    return buffer.writeInt32BE(oid, 8)
  }
  buffer.writeInt32BE(1, 0)
  buffer.writeInt32BE(1, 4)
  buffer.writeInt32BE(oid, 8)
  buffer.writeInt32BE(length, 12)
  return buffer.writeInt32BE(1, 16)
}
