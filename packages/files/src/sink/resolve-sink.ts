import { MillraceError } from '@millrace/kernel/errors'
import { jsonl } from './jsonl.ts'
import { jsonlZst } from './jsonl-zst.ts'
import { parquet } from './parquet.ts'
import { postgres } from './postgres/postgres.ts'
import { defineSink, type Sink } from './sink.ts'
import { sqlite } from './sqlite.ts'

/** The sinks known by name. */
export const BUILT_IN_SINKS: readonly Sink[] = [jsonl, jsonlZst, parquet, sqlite, postgres]

/**
 * The sink of that name, or the sink given, checked.
 * @throws {MillraceError} `SINK_UNKNOWN` naming the known ones, `SINK_INVALID` naming the field at fault.
 */
export function resolveSink(sink: string | Sink): Sink {
  if (typeof sink !== 'string') return defineSink(sink)
  const found = BUILT_IN_SINKS.find(({ name }) => name === sink)
  if (found !== undefined) return found
  const known = BUILT_IN_SINKS.map(({ name }) => name)
  throw new MillraceError(
    'SINK_UNKNOWN',
    `There is no sink "${sink}". Known: ${known.join(', ')}; or give one made by defineSink().`,
    {
      detail: { sink, known },
    },
  )
}
