import { type Condition, defineIntent, type IntentDefinition } from '@millrace/intents'
import * as v from 'valibot'

const TABLE = 'documents'

const scalar = v.union([v.string(), v.number(), v.boolean()])
const path = v.pipe(v.string(), v.nonEmpty(), v.maxLength(500))
const condition = v.strictObject({
  path,
  is: v.picklist(['=', '!=', '<', '<=', '>', '>=', 'exists', 'missing']),
  value: v.exactOptional(scalar),
})

const patch = v.strictObject({
  id: v.pipe(v.string(), v.nonEmpty(), v.maxLength(200)),
  set: v.exactOptional(v.record(path, v.unknown())),
  add: v.exactOptional(v.record(path, v.number())),
  remove: v.exactOptional(v.array(path)),
  when: v.exactOptional(v.array(condition)),
})

const definitions: readonly IntentDefinition[] = [
  defineIntent({
    type: 'document.patch',
    schema: patch,
    target: { kind: 'patch', table: TABLE, key: { column: 'id' }, column: 'data', create: true },
    toRow: ({ id, when, ...change }) => ({
      key: id,
      ...change,
      ...(when !== undefined && { when: when as readonly Condition[] }),
    }),
  }) as IntentDefinition,
]

/** What is served where a user has defined nothing: a store of JSON documents, for a first look. */
export const documents = {
  definitions,
  table: TABLE,
  setUp: [`CREATE TABLE IF NOT EXISTS ${TABLE} (id text PRIMARY KEY, data jsonb NOT NULL DEFAULT '{}')`],
  /** An intent to try it with. */
  example: { type: 'document.patch', payload: { id: 'door-1', set: { open: true }, add: { opened: 1 } } },
} as const
