const SLAB = 8192

let slab = new Float64Array(SLAB)
let used = 0

/**
 * Room for `length` numbers that are the caller's for good, with zeros in it. PERF: a part of memory that several share, as each piece of memory of its own costs
 * more than reading a polygon into it; bench/fracture/end-to-end.bench.ts. Large ones are alone.
 */
export function numberRoom(length: number): Float64Array {
  if (length > SLAB / 8) return new Float64Array(length)
  if (used + length > SLAB) {
    slab = new Float64Array(SLAB)
    used = 0
  }
  used += length
  return new Float64Array(slab.buffer, 8 * (used - length), length)
}
