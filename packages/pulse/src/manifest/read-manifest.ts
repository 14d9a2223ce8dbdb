import { createReadStream } from 'node:fs'
import { extname } from 'node:path'
import { setImmediate as nextTurn } from 'node:timers/promises'
import { MillraceError } from '@millrace/kernel/errors'
import { checkInteger, checkOneOf } from '@millrace/kernel/options'
import type { MonitorBatch } from '../monitors/monitor.ts'
import { describeFault, FaultList } from './fault-list.ts'
import { MANIFEST_FORMATS, type ManifestFormat, manifestPieces } from './formats/manifest-pieces.ts'
import { ManifestReading, type ReadingOptions } from './manifest-reading.ts'

export interface ManifestOptions extends ReadingOptions {
  /** @default by the ending of the path: `.ndjson` and `.jsonl`, `.json`, else YAML */
  readonly format?: ManifestFormat
  /** Threads that parse a large YAML file, 1 to 8. @default 2 */
  readonly threads?: number
}

/** A manifest being read: monitors in batches, once, and what is wrong. */
export interface Manifest extends AsyncIterable<MonitorBatch> {
  /** What has been found so far. */
  readonly faults: FaultList
}

/** Between turns given to others, in ms. */
const SLICE_MS = 2
/** So many monitors are read between two looks at the time. */
const LOOK_EVERY = 16
/** PERF: texts of larger chunks are large objects to V8, which stay until a full collection; bench/pulse/memory.bench.ts. */
const CHUNK_BYTES = 65_536
/** So many faults stand in the message of an error. */
const SHOWN = 10

/**
 * Reads a manifest: YAML, NDJSON or JSON, from a file, or from bytes as they come.
 *
 * Monitors come in batches, in the order of the file, as they are read; memory is bounded by a few pieces of the file, names that were met (40 bytes each),
 * and profiles. It reads for about 2 ms at a time, and then lets others have the thread. What is faulty is left out and noted; if anything was, the
 * iteration throws at its end, so whoever takes batches as they come takes them back then.
 * @throws {MillraceError} `OPTION_INVALID`; while iterating, `MANIFEST_UNREADABLE` and `MANIFEST_INVALID`, which has the first faults as `detail.faults`.
 */
export function readManifest(
  source: string | AsyncIterable<Uint8Array> | Iterable<Uint8Array>,
  options: ManifestOptions,
): Manifest {
  const isPath = typeof source === 'string'
  const format = checkOneOf(
    'readManifest',
    'format',
    options.format ?? (isPath ? formatOf(source) : 'yaml'),
    MANIFEST_FORMATS,
  )
  const threads = checkInteger('readManifest', 'threads', options.threads ?? 2, { min: 1, max: 8 })
  const name = isPath ? source : 'the manifest'
  const faults = new FaultList()
  return {
    faults,
    async *[Symbol.asyncIterator]() {
      const reading = new ManifestReading(options, faults)
      const bytes = isPath ? createReadStream(source, { highWaterMark: CHUNK_BYTES }) : source
      let lookedAt = performance.now()
      try {
        for await (const piece of manifestPieces(bytes, { format, threads })) {
          if (piece.kind === 'broken') reading.broken(piece.line, piece.message, piece.monitor)
          else if (piece.kind === 'definitions') reading.define(piece)
          else {
            // Nothing but an empty list still is one.
            if (piece.texts.length === 0) reading.list()
            for (let index = 0; index < piece.texts.length; index++) {
              const batch = reading.read(piece, index)
              if (batch !== undefined) yield batch
              if (index % LOOK_EVERY !== 0 || performance.now() - lookedAt < SLICE_MS) continue
              await nextTurn()
              lookedAt = performance.now()
            }
          }
        }
      } catch (error) {
        if (!isSystemError(error)) throw error
        throw new MillraceError(
          'MANIFEST_UNREADABLE',
          `${name} cannot be read (${error.code}): ${hintOf(error.code)}`,
          {
            detail: { path: name, code: error.code },
            cause: error,
          },
        )
      }
      const last = reading.end()
      if (last !== undefined) yield last
      if (faults.faults > 0) throw invalid(name, faults)
    },
  }
}

function formatOf(path: string): ManifestFormat {
  const ending = extname(path).toLowerCase()
  if (ending === '.ndjson' || ending === '.jsonl') return 'ndjson'
  return ending === '.json' ? 'json' : 'yaml'
}

function invalid(name: string, { faults, told }: FaultList): MillraceError {
  const shown = told.slice(0, SHOWN).map((fault) => `\n  ${describeFault(fault)}`)
  const more = faults > shown.length ? `\n  and ${faults - shown.length} more` : ''
  const count = faults === 1 ? '1 fault' : `${faults} faults`
  return new MillraceError('MANIFEST_INVALID', `${name} has ${count}:${shown.join('')}${more}`, {
    detail: { path: name, count: faults, faults: told },
  })
}

function isSystemError(error: unknown): error is NodeJS.ErrnoException & { readonly code: string } {
  return error instanceof Error && typeof (error as NodeJS.ErrnoException).code === 'string' && 'syscall' in error
}

function hintOf(code: string): string {
  if (code === 'ENOENT') return 'there is no such file; look at the path'
  if (code === 'EACCES' || code === 'EPERM') return 'this user may not read it; change its permissions'
  return code === 'EISDIR' ? 'it is a directory; name a file in it' : 'look at the file, and at the disk it is on'
}
