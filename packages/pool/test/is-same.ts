/** The same in every bit; typed arrays may lie in other memory, but are of the same kind. */
export function isSame(a: unknown, b: unknown): boolean {
  if (ArrayBuffer.isView(a) && ArrayBuffer.isView(b)) {
    const [left, right] = [bytesIn(a), bytesIn(b)]
    return (
      a.constructor === b.constructor && left.length === right.length && left.every((byte, at) => byte === right[at])
    )
  }
  if (Array.isArray(a) && Array.isArray(b)) return a.length === b.length && a.every((item, at) => isSame(item, b[at]))
  if (isRecord(a) && isRecord(b)) {
    const keys = Object.keys(a)
    return isSame(keys, Object.keys(b)) && keys.every((key) => isSame(a[key], b[key]))
  }
  return Object.is(a, b)
}

function bytesIn({ buffer, byteOffset, byteLength }: ArrayBufferView): Uint8Array {
  return new Uint8Array(buffer, byteOffset, byteLength)
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null
}
