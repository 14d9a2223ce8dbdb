import type { ColumnType } from '../../../intent/target.ts'
import { typeForCast } from '../statements/identifier.ts'
import { arrayLiteral, jsonArray, numberArrayLiteral } from './array-literal.ts'
import { type Family, familyOf } from './column-value.ts'

/** A column of the relation that a statement gets as its input. */
export interface InputColumn {
  /** Its name, as SQL has it. */
  readonly name: string
  readonly type: ColumnType
  readonly family: Family
}

export function inputColumn(name: string, type: ColumnType): InputColumn {
  const cast = typeForCast(type)
  return { name, type: cast, family: familyOf(cast) }
}

/**
 * Selects the rows of a group from its parameters: a parameter for each column, so that the text is the same for any number of rows and is
 * prepared once; in the order of the rows, counted by `ord` from 1.
 *
 * Texts and numbers go as arrays. JSON goes as one JSON array, which needs no second level of quotes; PostgreSQL arrays do so too, because
 * unnesting an array of them would not stop at the first level.
 */
export function inputQuery(columns: readonly InputColumn[]): string {
  const sources = columns.map(({ type, family }, at) =>
    isJson(family) ? `jsonb_array_elements($${at + 1}::jsonb)` : `unnest($${at + 1}::${type}[])`,
  )
  const values = columns.map(({ name, type, family }) => {
    if (family === 'array')
      return `CASE jsonb_typeof(${name}) WHEN 'array' THEN ARRAY(SELECT jsonb_array_elements_text(${name}))::${type} END AS ${name}`
    return name
  })
  return `SELECT ${[...values, 'ord'].join(', ')} FROM ROWS FROM (${sources.join(', ')}) WITH ORDINALITY AS i(${[...columns.map(({ name }) => name), 'ord'].join(', ')})`
}

/** How many rows {@link inputQuery} selects. */
export function inputCount([first]: readonly InputColumn[]): string {
  return isJson(first!.family) ? 'jsonb_array_length($1::jsonb)' : `cardinality($1::${first!.type}[])`
}

/** The parameters of {@link inputQuery}, for rows of texts in the order of its columns. */
export function inputValues(columns: readonly InputColumn[], rows: readonly (readonly (string | null)[])[]): string[] {
  return columns.map(({ family }, at) => {
    const texts = rows.map((row) => row[at] ?? null)
    if (isJson(family)) return jsonArray(texts)
    return family === 'integer' || family === 'number' ? numberArrayLiteral(texts) : arrayLiteral(texts)
  })
}

/** Whether a column of it goes as one JSON array. */
function isJson(family: Family): boolean {
  return family === 'json' || family === 'array'
}
