import type { DiscoveredFile } from '../file.ts'
import type { ProbeMessage } from './probe-order.ts'

export interface LeakFacts {
  /** Kept of each file, on average over all, bytes. */
  readonly bytesAFile: number
  /** Files of which far more is kept each time than of others, with how much, bytes. */
  readonly files: readonly { readonly path: string; readonly bytes: number }[]
}

/** What compiled code moves the heap by is no leak, bytes. */
const PASS_NOISE_BYTES = 128 * 1024
const FILE_NOISE_BYTES = 64 * 1024
/** Where most files leave less than this behind, it is not the files that the heap grows by, bytes. */
const LEAST_KEPT_BYTES = 128

/** Whether more was held after each pass over all files than before it: worth a closer look. Pure. */
export function hasGrown(files: readonly DiscoveredFile[], heard: readonly ProbeMessage[], weighings: number): boolean {
  const held = weightsOf(heard, weighings)
  return leastGrowth(held, files.length - 1, -1) >= PASS_NOISE_BYTES
}

/**
 * What is kept of files in every pass again, by what was held after each; undefined where nothing is that could be told from noise, or where not all were
 * weighed. Pure.
 */
export function leakOf(
  files: readonly DiscoveredFile[],
  heard: readonly ProbeMessage[],
  weighings: number,
): LeakFacts | undefined {
  const held = weightsOf(heard, weighings)
  if (held.some((pass) => pass.size <= files.length)) return undefined
  const kept = files.map(({ path }, index) => ({ path, bytes: leastGrowth(held, index, index - 1) }))
  const median = kept.map(({ bytes }) => bytes).sort((left, right) => left - right)[kept.length >> 1] ?? 0
  const heavy = kept
    .filter(({ bytes }) => bytes >= FILE_NOISE_BYTES && bytes >= 4 * median)
    .sort((left, right) => right.bytes - left.bytes)
  const least = leastGrowth(held, files.length - 1, -1)
  if (heavy.length === 0 && (least < PASS_NOISE_BYTES || median < LEAST_KEPT_BYTES)) return undefined
  return { bytesAFile: Math.round(least / files.length), files: heavy }
}

/** For each pass, what was held after each file. */
function weightsOf(heard: readonly ProbeMessage[], weighings: number): ReadonlyMap<number, number>[] {
  const held = Array.from({ length: weighings }, () => new Map<number, number>())
  for (const message of heard) if (message.type === 'weight') held[message.pass]?.set(message.index, message.heldBytes)
  return held
}

/** By how much more was held after file `index` than after file `since`, in the pass where that was least; 0 where it is not known. */
function leastGrowth(held: readonly ReadonlyMap<number, number>[], index: number, since: number): number {
  const growths = held.map((pass) => (pass.get(index) ?? 0) - (pass.get(since) ?? Number.POSITIVE_INFINITY))
  const least = Math.min(...growths)
  return Number.isFinite(least) ? least : 0
}
