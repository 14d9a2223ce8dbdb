import { MillraceError } from '@millrace/kernel/errors'
import { show } from '@millrace/kernel/options'
import type { StandardSchemaV1 } from '@standard-schema/spec'
import type { Fields } from '../manifest/fields.ts'

/**
 * Reads the whole of a mapping by a schema of a user's; without one, as it is written. What the schema has against it are faults of the fields it names,
 * and then there is nothing to return.
 */
export function readConfig<Config>(
  fields: Fields,
  schema: StandardSchemaV1<unknown, Config> | undefined,
): Config | undefined {
  const written: unknown = fields.rest()
  fields.end()
  // Without a schema a user says by the type what is there, and answers for it.
  if (schema === undefined) return written as Config
  let result: ReturnType<StandardSchemaV1<unknown, Config>['~standard']['validate']>
  try {
    result = schema['~standard'].validate(written)
  } catch (error) {
    fields.fault('', `cannot be checked: its schema threw ${show(error instanceof Error ? error.message : error)}`)
    return undefined
  }
  if (result instanceof Promise) {
    result.catch(() => {})
    fields.fault('', 'cannot be checked: its schema answers later; give one that answers at once')
    return undefined
  }
  if (result.issues === undefined) return result.value
  for (const { path, message } of result.issues) fields.fault(pathOf(path), message)
  return undefined
}

/** @throws {MillraceError} `OPTION_INVALID` unless what a user defines has a type and a function of the name. */
export function checkDefinition(owner: string, definition: object, method: string): void {
  const { type, schema, [method]: run }: Readonly<Record<string, unknown>> = Object(definition)
  const wrong = (option: string, what: string, value: unknown) =>
    new MillraceError('OPTION_INVALID', `${owner}: ${option} must be ${what}, not ${show(value)}`, {
      detail: { owner, option, value },
    })
  if (typeof type !== 'string' || type === '') throw wrong('type', 'a name', type)
  if (typeof run !== 'function') throw wrong(method, 'a function', run)
  if (schema !== undefined && typeof Object(Object(schema)['~standard']).validate !== 'function') {
    throw wrong('schema', 'a schema of the Standard Schema interface', schema)
  }
}

function pathOf(path: StandardSchemaV1.Issue['path']): string {
  return (path ?? []).map((part) => String(typeof part === 'object' ? part.key : part)).join('.')
}
