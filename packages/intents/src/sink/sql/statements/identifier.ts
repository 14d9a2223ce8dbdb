import { MillraceError } from '@millrace/kernel/errors'
import type { ColumnType } from '../../../intent/target.ts'

/** A name as SQL has it, whatever is in it. */
export function quoteName(name: string): string {
  return `"${name.replaceAll('"', '""')}"`
}

/** A table's name, with or without its schema. */
export function quoteTable(table: string): string {
  return table.split('.').map(quoteName).join('.')
}

/** A text as SQL has it, whatever is in it; sessions have `standard_conforming_strings` on. */
export function quoteText(text: string): string {
  return `'${text.replaceAll("'", "''")}'`
}

const TYPE = /^[a-z][a-z0-9_ ]*(\([0-9, ]+\))?(\[\])?$/i

/**
 * A type without its length or precision: a cast to `varchar(3)` would cut a text that is too long, where storing it fails.
 * @throws {MillraceError} `OPTION_INVALID` for what is no name of a type.
 */
export function typeForCast(type: ColumnType): string {
  if (typeof type !== 'string' || !TYPE.test(type))
    throw new MillraceError(
      'OPTION_INVALID',
      `A target's column has the type ${JSON.stringify(type)}; it must be the name of a PostgreSQL type, such as text, int8 or numeric(10, 2)`,
      { detail: { option: 'type', value: type } },
    )
  const base = type.replace(/\([0-9, ]+\)/, '').replace(/^(char|character)(?=$|\[)/i, 'bpchar')
  return base.replace(/^bit(?=$|\[)/i, 'varbit')
}
