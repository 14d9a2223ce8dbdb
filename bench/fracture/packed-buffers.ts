import type { PackedFragments } from './kernel.ts'

/** What goes along when fragments are given away: the buffers that hold any of them. Empty arrays are all results' own. */
export function buffersOf(packed: readonly PackedFragments[]): ArrayBuffer[] {
  const buffers = new Set<ArrayBuffer>()
  for (const { layout, numbers, positions, uvs, indices } of packed) {
    for (const { buffer } of [layout, numbers, positions, uvs, indices]) {
      if (buffer instanceof ArrayBuffer && buffer.byteLength > 0) buffers.add(buffer)
    }
  }
  return [...buffers]
}
