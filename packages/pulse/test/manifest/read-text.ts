import type { FaultList } from '../../src/manifest/fault-list.ts'
import { describeFault } from '../../src/manifest/fault-list.ts'
import { type ManifestOptions, readManifest } from '../../src/manifest/read-manifest.ts'
import type { MonitorSpec, Profile } from '../../src/monitors/monitor.ts'
import { KINDS } from './kinds.ts'

/** A manifest as it was read. */
export interface ReadText {
  readonly monitors: readonly (MonitorSpec & { readonly line: number })[]
  readonly faults: FaultList
  /** As they are shown. */
  readonly told: readonly string[]
  readonly warnings: readonly string[]
  /** What the iteration threw. */
  readonly error: unknown
}

/** Reads a manifest from a text or from bytes, in chunks of `chunkBytes`. */
export async function readText(
  text: string | Uint8Array,
  options: Partial<ManifestOptions> = {},
  chunkBytes = 65_536,
): Promise<ReadText> {
  const bytes = typeof text === 'string' ? new TextEncoder().encode(text) : text
  return readFrom(readManifest(chunksOf(bytes, chunkBytes), { ...KINDS, ...options }))
}

async function readFrom(manifest: ReturnType<typeof readManifest>): Promise<ReadText> {
  const monitors: (MonitorSpec & { line: number })[] = []
  const profiles: Profile[] = []
  let error: unknown
  try {
    for await (const { profiles: added, text, lengths, profileNumbers, lines } of manifest) {
      profiles.push(...added)
      const decoder = new TextDecoder()
      let at = 0
      const take = (length: number) => {
        at += length
        return decoder.decode(text.subarray(at - length, at))
      }
      for (const [index, line] of lines.entries()) {
        const name = take(lengths[2 * index]!)
        monitors.push({ name, target: take(lengths[2 * index + 1]!), profile: profiles[profileNumbers[index]!]!, line })
      }
    }
  } catch (thrown) {
    error = thrown
  }
  const { faults } = manifest
  return {
    monitors,
    faults,
    told: faults.told.map(describeFault),
    warnings: faults.toldWarnings.map(describeFault),
    error,
  }
}

export function* chunksOf(bytes: Uint8Array, size: number): Generator<Uint8Array> {
  for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size)
}
