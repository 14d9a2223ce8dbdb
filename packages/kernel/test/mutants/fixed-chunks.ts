/** Batches of 50 items, whatever they cost. */
export function fixedChunks(costs: Float64Array): Uint32Array {
  return Uint32Array.from({ length: Math.ceil(costs.length / 50) }, (_, index) =>
    Math.min(costs.length, (index + 1) * 50),
  )
}
