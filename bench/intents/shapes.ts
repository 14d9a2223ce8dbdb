import type { Client } from 'pg'
import { from as copyFrom } from 'pg-copy-streams'

/** A row as everybody is given it. */
export interface Sample {
  readonly key: string
  readonly x: number
  readonly at: string
  readonly note: string
}

export type Encoding = 'unnest' | 'jsonb_to_recordset' | 'VALUES' | 'COPY'
export const ENCODINGS: readonly Encoding[] = ['unnest', 'jsonb_to_recordset', 'VALUES', 'COPY']

const COLUMNS = [
  { name: 'key', type: 'text', of: ({ key }: Sample) => key },
  { name: 'x', type: 'float8', of: ({ x }: Sample) => x },
  { name: 'at', type: 'timestamptz', of: ({ at }: Sample) => at },
  { name: 'note', type: 'text', of: ({ note }: Sample) => note },
]
const RECORD = COLUMNS.map(({ name, type }) => `${name} ${type}`).join(', ')
const STAGE = `CREATE TEMP TABLE IF NOT EXISTS stage (${RECORD}) ON COMMIT DELETE ROWS`
/** The protocol counts parameters in 16 bits. */
const MOST_PARAMETERS = 65_535

/** What is done with the rows, over a relation that has them. */
export const SHAPES = {
  insert: (input: string) => `INSERT INTO events SELECT key, x, at, note FROM ${input}`,
  patch: (input: string) =>
    `UPDATE players AS t SET data = jsonb_set(t.data, '{position,x}', to_jsonb(i.x)) FROM ${input} WHERE t.id = i.key`,
}
export type ShapeName = keyof typeof SHAPES

/** Writes rows in one transaction, in one way; a statement that can be prepared is. */
export async function writeAs(
  client: Client,
  shape: ShapeName,
  encoding: Encoding,
  samples: readonly Sample[],
): Promise<void> {
  if (encoding === 'COPY') return await copy(client, shape, samples)
  const { input, values } = inputOf(encoding, samples)
  const name = `${shape} ${encoding} ${encoding === 'VALUES' ? samples.length : ''}`
  await client.query({ name, text: SHAPES[shape](input), values })
}

export function canWrite(encoding: Encoding, rows: number): boolean {
  return encoding !== 'VALUES' || rows * COLUMNS.length <= MOST_PARAMETERS
}

function inputOf(
  encoding: Exclude<Encoding, 'COPY'>,
  samples: readonly Sample[],
): { input: string; values: unknown[] } {
  const names = COLUMNS.map(({ name }) => name).join(', ')
  switch (encoding) {
    case 'unnest':
      return {
        input: `unnest(${COLUMNS.map(({ type }, at) => `$${at + 1}::${type}[]`).join(', ')}) AS i(${names})`,
        values: COLUMNS.map(({ of }) => samples.map((sample) => of(sample))),
      }
    case 'jsonb_to_recordset':
      return { input: `jsonb_to_recordset($1::jsonb) AS i(${RECORD})`, values: [JSON.stringify(samples)] }
    case 'VALUES': {
      const row = (at: number) => COLUMNS.map(({ type }, column) => `$${at * COLUMNS.length + column + 1}::${type}`)
      return {
        input: `(VALUES ${samples.map((_, at) => `(${row(at).join(', ')})`).join(', ')}) AS i(${names})`,
        values: samples.flatMap((sample) => COLUMNS.map(({ of }) => of(sample))),
      }
    }
  }
}

/** Into the table itself where that is all; otherwise into a table of the session's, and from there. */
async function copy(client: Client, shape: ShapeName, samples: readonly Sample[]): Promise<void> {
  await client.query(shape === 'insert' ? 'BEGIN' : `BEGIN; ${STAGE}`)
  const table = shape === 'insert' ? 'events' : 'stage'
  const stream = client.query(copyFrom(`COPY ${table} (${COLUMNS.map(({ name }) => name).join(', ')}) FROM STDIN`))
  const lines = samples.map((sample) => COLUMNS.map(({ of }) => of(sample)).join('\t'))
  await new Promise<void>((resolve, reject) => {
    stream.on('finish', resolve).on('error', reject)
    stream.end(`${lines.join('\n')}\n`)
  })
  await client.query(shape === 'insert' ? 'COMMIT' : `${SHAPES.patch('stage AS i')}; COMMIT`)
}
