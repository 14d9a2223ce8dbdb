import { MillraceError } from '@millrace/kernel/errors'
import { checkInteger } from '@millrace/kernel/options'
import type { StandardSchemaV1 } from '@standard-schema/spec'
import type { RowOf, Target } from './target.ts'

/** A type of intents: what its payload is, what it is of, and where it is written. */
export interface IntentDefinition<Type extends string = string, Input = unknown, Payload = Input> {
  readonly type: Type
  /** What a payload must be: any Standard Schema (zod, valibot, arktype). Without one it is taken as it is. */
  readonly schema?: StandardSchemaV1<Input, Payload> | undefined
  readonly target: Target
  /** The row, or its change. Called when the batch is written, once for each attempt to write it: it must be pure. */
  toRow(payload: Payload): RowOf<Target>
  /** What the change is of. @default the key of the row, where the target has one */
  key?(payload: Payload): string
  /**
   * Makes one payload of two of the same key, the earlier first: declares that writing it is the same as writing both, one after the other.
   * Intents are coalesced only if neither has an idempotency key. It must be pure.
   */
  merge?(earlier: Payload, later: Payload): Payload
  /** Most bytes of a payload. @default 262144 */
  readonly maxPayloadBytes?: number | undefined
}

/** What {@link defineIntent} is given; {@link IntentDefinition} says what each field is. */
export interface DefineIntentOptions<Type extends string, Input, Payload, T extends Target> {
  readonly type: Type
  readonly schema?: StandardSchemaV1<Input, Payload>
  readonly target: T
  readonly toRow: (payload: Payload) => RowOf<T>
  readonly key?: (payload: Payload) => string
  readonly merge?: (earlier: Payload, later: Payload) => Payload
  readonly maxPayloadBytes?: number
}

/**
 * Declares a type of intents, with the types of its payload taken from its schema.
 * @throws {MillraceError} `OPTION_INVALID` where a field cannot be.
 */
export function defineIntent<const Type extends string, Input, Payload, const T extends Target>(
  options: DefineIntentOptions<Type, Input, Payload, T>,
): IntentDefinition<Type, Input, Payload> {
  const { type, schema, target, toRow, key, merge, maxPayloadBytes } = options
  if (typeof type !== 'string' || type === '' || type.length > 200)
    refuse('type', type, 'a string of 1 to 200 characters')
  if (schema !== undefined && typeof schema['~standard']?.validate !== 'function')
    refuse('schema', schema, 'a Standard Schema, as zod, valibot and arktype make them')
  if (typeof target !== 'object' || target === null) refuse('target', target, 'a target: insert, update, patch or sql')
  if (typeof toRow !== 'function') refuse('toRow', toRow, 'a function')
  if (key !== undefined && typeof key !== 'function') refuse('key', key, 'a function')
  if (merge !== undefined && typeof merge !== 'function') refuse('merge', merge, 'a function')
  if (maxPayloadBytes !== undefined) checkInteger('defineIntent', 'maxPayloadBytes', maxPayloadBytes, { min: 1 })
  return {
    type,
    schema,
    target,
    toRow: toRow as (payload: Payload) => RowOf<Target>,
    ...(key !== undefined && { key }),
    ...(merge !== undefined && { merge }),
    maxPayloadBytes,
  }
}

function refuse(option: string, value: unknown, allowed: string): never {
  throw new MillraceError('OPTION_INVALID', `defineIntent: ${option} must be ${allowed}`, {
    detail: { owner: 'defineIntent', option, value },
  })
}
