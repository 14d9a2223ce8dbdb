import type { DiscoveredFile } from '../file.ts'
import type { ProbeMessage } from './probe-order.ts'

export interface LeakFacts {
  /** Kept of each file, on average over all, bytes. */
  readonly bytesAFile: number
  /** Files of which far more is kept each time than of others, with how much, bytes; none where each was not weighed. */
  readonly files: readonly { readonly path: string; readonly bytes: number }[]
}

/** What compiled code, and caches that fill once, move the heap by is no leak, bytes. */
const NOISE_BYTES = 256 * 1024
const FILE_NOISE_BYTES = 64 * 1024
/** A leak goes on as it began: the least pass has at least this share of the largest. */
const STEADY = 0.5

/**
 * What is kept in every pass again, by what was held after each file; undefined where nothing is, or not enough to be told from noise. The first
 * pass may fill caches: it counts, so there must have been others before. Pure.
 */
export function leakOf(
  files: readonly DiscoveredFile[],
  heard: readonly ProbeMessage[],
  weighings: number,
): LeakFacts | undefined {
  const held = Array.from({ length: weighings }, () => new Map<number, number>())
  for (const message of heard) if (message.type === 'weight') held[message.pass]!.set(message.index, message.heldBytes)
  const last = files.length - 1
  if (weighings === 0 || held.some((pass) => !pass.has(-1) || !pass.has(last))) return undefined
  const grown = (index: number, since: number) => held.map((pass) => pass.get(index)! - pass.get(since)!)
  const passes = grown(last, -1)
  const least = Math.min(...passes)
  if (least < NOISE_BYTES || least < STEADY * Math.max(...passes)) return undefined
  const bytesAFile = Math.round(least / files.length)
  if (held.some((pass) => pass.size <= files.length)) return { bytesAFile, files: [] }
  const kept = files.map(({ path }, index) => ({ path, bytes: Math.min(...grown(index, index - 1)) }))
  const median = kept.map(({ bytes }) => bytes).sort((left, right) => left - right)[kept.length >> 1]!
  return {
    bytesAFile,
    files: kept
      .filter(({ bytes }) => bytes >= FILE_NOISE_BYTES && bytes >= 4 * Math.max(0, median))
      .sort((left, right) => right.bytes - left.bytes),
  }
}
