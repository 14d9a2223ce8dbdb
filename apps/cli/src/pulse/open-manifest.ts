import type { Kinds, Manifest, ManifestOptions, MonitorBatch } from '@millrace/pulse'
import { readManifest } from '@millrace/pulse'

export interface OpenManifestOptions {
  readonly kinds: Kinds
  readonly isStrict: boolean
  /** Ends the reading, with the signal's reason. */
  readonly signal?: AbortSignal
  /** Told how many monitors have been read so far. */
  readonly onProgress?: (monitors: number) => void
}

/** A manifest that is about to be read, once. */
export function openManifest(path: string, options: OpenManifestOptions): Manifest {
  const { signal, onProgress } = options
  const manifest = readManifest(path, manifestOptions(options))
  let monitors = 0
  return {
    faults: manifest.faults,
    async *[Symbol.asyncIterator](): AsyncGenerator<MonitorBatch> {
      for await (const batch of manifest) {
        signal?.throwIfAborted()
        monitors += batch.profileNumbers.length
        onProgress?.(monitors)
        yield batch
      }
    },
  }
}

export function manifestOptions({ kinds, isStrict }: Pick<OpenManifestOptions, 'kinds' | 'isStrict'>): ManifestOptions {
  return {
    kinds,
    isStrict,
  }
}
