import type { ByteWriter } from 'hyparquet-writer'
import { loadPeer } from '../processor/load-peer.ts'
import { fileSink } from './file-sink.ts'
import { type ColumnType, type ColumnValue, RECORD_COLUMNS, tableRow } from './record-table.ts'
import type { ResultRow } from './sink.ts'

/** A row group is written when it has so many rows … */
const GROUP_ROWS = 20_000
/** … or records of so many characters: it is held in memory meanwhile, some times over. */
const GROUP_CHARS = 16 * 1024 * 1024

const TYPES = {
  text: { type: 'BYTE_ARRAY', converted_type: 'UTF8' },
  json: { type: 'BYTE_ARRAY', converted_type: 'JSON' },
  integer: { type: 'INT64' },
  double: { type: 'DOUBLE' },
} as const satisfies Record<ColumnType, object>

/**
 * Apache Parquet: the table of {@link RECORD_COLUMNS}, Snappy, in row groups of at most 20,000 rows. Memory is bound by a row group. By hyparquet-writer, an
 * optional peer.
 * @throws {MillraceError} `PEER_MISSING`.
 */
export const parquet = fileSink({
  name: 'parquet',
  extension: '.parquet',
  async createEncoder() {
    const { ByteWriter, ParquetWriter } = await loadPeer(
      'hyparquet-writer',
      'The sink parquet',
      () => import('hyparquet-writer'),
    )
    const writer = new ByteWriter()
    const file = new ParquetWriter({
      writer,
      createdBy: 'millrace',
      schema: [
        { name: 'results', num_children: RECORD_COLUMNS.length },
        ...RECORD_COLUMNS.map(({ name, type }) => ({
          name,
          repetition_type: name === 'path' || name === 'hash' ? ('REQUIRED' as const) : ('OPTIONAL' as const),
          ...TYPES[type],
        })),
      ],
    })
    let rows: ColumnValue[][] = []
    let chars = 0
    const writeGroup = () => {
      if (rows.length === 0) return
      file.write({ columnData: columnsOf(rows), rowGroupSize: rows.length })
      rows = []
      chars = 0
    }
    return {
      write(results: readonly ResultRow[]) {
        for (const result of results) {
          rows.push(tableRow(result))
          chars += result.record.length
          if (rows.length >= GROUP_ROWS || chars >= GROUP_CHARS) writeGroup()
        }
        return taken(writer)
      },
      end() {
        writeGroup()
        file.finish()
        return taken(writer)
      },
    }
  },
})

function columnsOf(rows: readonly ColumnValue[][]) {
  return RECORD_COLUMNS.map(({ name, type }, at) => ({
    name,
    data: rows.map((row) => {
      const value = row[at]!
      if (value === null) return null
      return type === 'integer' ? BigInt(value) : type === 'json' ? JSON.parse(value as string) : value
    }),
  }))
}

/** What was written since; the writer goes on counting from where it is. */
function taken(writer: ByteWriter): Uint8Array {
  const bytes = writer.getBytes().slice()
  writer.index = 0
  return bytes
}
