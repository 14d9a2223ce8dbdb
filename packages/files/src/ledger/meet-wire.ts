import {
  type ExcludedColumns,
  type FileColumns,
  packExcluded,
  packFiles,
  SEPARATOR,
  unpackExcluded,
} from '../discovery/chunk-wire.ts'
import type { FoundChunk, FoundFile, LedgerFile, Met } from './ledger.ts'

/** A stretch of the tree on its way to the ledger's thread: a column a field, for the property names of a file cost more than the file. */
export interface WireFound {
  readonly files: FileColumns
  /** What files have in common with many: each combination once … */
  readonly sorts: readonly FileSort[]
  /** … and for each file which. */
  readonly sortOf: Uint16Array
  readonly excluded: ExcludedColumns
  readonly within: readonly string[] | undefined
}

type FileSort = Pick<FoundFile, 'language' | 'kind' | 'processor'>

/** The answer on its way back; what the asker knows of the files is not told again. */
export interface WireMet extends Omit<Met, 'pending'> {
  /** Places in the stretch of the files that are pending, ascending. */
  readonly places: Uint32Array
  readonly fileIds: Float64Array
  /** Null where no file has one. */
  readonly knownHashes: readonly (string | null)[] | null
}

export function packFound({ files, excluded, within }: FoundChunk): WireFound {
  const sorts: FileSort[] = []
  const places = new Map<string, number>()
  let last: FileSort | undefined
  let place = 0
  const sortOf = Uint16Array.from(files, ({ language, kind, processor }) => {
    // PERF: mostly a file is of the sort of the one before it.
    if (last?.language === language && last.kind === kind && last.processor === processor) return place
    const key = `${language}${SEPARATOR}${kind}${SEPARATOR}${processor}`
    place = places.get(key) ?? sorts.push({ language, kind, processor }) - 1
    places.set(key, place)
    last = sorts[place]
    return place
  })
  return { files: packFiles(files), sorts, sortOf, excluded: packExcluded(excluded), within }
}

/** The stretch that was packed. */
export function unpackFound({ files, sorts, sortOf, excluded, within }: WireFound): FoundChunk {
  const { paths, sizes, mtimes, stamps } = files
  const pathOf = paths.split(SEPARATOR)
  const stampOf = String(stamps).split(SEPARATOR)
  const found: FoundFile[] = []
  for (const [i, sort] of sortOf.entries()) {
    const { language, kind, processor } = sorts[sort]!
    found.push({
      path: pathOf[i]!,
      size: sizes[i]!,
      mtimeMs: mtimes[i]!,
      stamp: stampOf[i]!,
      language,
      kind,
      processor,
    })
  }
  return { files: found, excluded: unpackExcluded(excluded), ...(within !== undefined && { within }) }
}

/** Packs the answer to a stretch: its pending files are some of the stretch's, in the same order. */
export function packMet({ files }: FoundChunk, { pending, ...figures }: Met): WireMet {
  let place = -1
  const places = Uint32Array.from(pending, ({ path }) => {
    do place++
    while (files[place]!.path !== path)
    return place
  })
  const kept = pending.some(({ knownHash }) => knownHash !== null)
  return {
    ...figures,
    places,
    fileIds: Float64Array.from(pending, ({ fileId }) => fileId),
    knownHashes: kept ? pending.map(({ knownHash }) => knownHash) : null,
  }
}

/** The answer that was packed, with the asker's own facts of the files. */
export function unpackMet({ files }: FoundChunk, { places, fileIds, knownHashes, ...figures }: WireMet): Met {
  const pending: LedgerFile[] = []
  for (const [i, place] of places.entries()) {
    const { path, size, mtimeMs, stamp, language, kind } = files[place]!
    const knownHash = knownHashes?.[i] ?? null
    pending.push({ fileId: fileIds[i]!, path, size, mtimeMs, stamp, language, kind, knownHash })
  }
  return { ...figures, pending }
}
