import { MillraceError } from '@millrace/kernel/errors'
import { show } from '@millrace/kernel/options'
import type { StandardSchemaV1 } from '@standard-schema/spec'
import type { IntentDefinition } from '../intent/define-intent.ts'
import type { Intent } from '../intent/intent.ts'
import type { RowChange } from '../intent/target.ts'
import { Entry } from '../queue/entry.ts'
import { inspectPayload, PayloadFault } from './inspect-payload.ts'

const MAX_PAYLOAD_BYTES = 262_144
const MAX_NAME_LENGTH = 200

/** Lets in what can be written, as far as can be told without a database: a known type, a payload its schema accepts, names of a sane size. */
export class Admission {
  readonly #definitions: ReadonlyMap<string, IntentDefinition>
  readonly #maxBytes: number

  /** @param maxBytes is what all that is held may take: more than that no payload may. */
  constructor(definitions: readonly IntentDefinition[], maxBytes: number) {
    this.#maxBytes = maxBytes
    const byType = new Map<string, IntentDefinition>()
    for (const definition of definitions) {
      if (typeof definition?.type !== 'string' || typeof definition.toRow !== 'function') {
        throw new MillraceError('OPTION_INVALID', 'createBatchScheduler: intents must be made by defineIntent()', {
          detail: { owner: 'createBatchScheduler', option: 'intents' },
        })
      }
      if (byType.has(definition.type)) {
        throw new MillraceError(
          'OPTION_INVALID',
          `createBatchScheduler: intents has the type ${JSON.stringify(definition.type)} twice; each type has one definition`,
          { detail: { owner: 'createBatchScheduler', option: 'intents', value: definition.type } },
        )
      }
      byType.set(definition.type, definition)
    }
    this.#definitions = byType
  }

  /**
   * An entry for the intent, or a promise of one where its schema takes its time.
   * @throws {MillraceError} `INTENT_TYPE_UNKNOWN`, `INTENT_INVALID`, `INTENT_TOO_LARGE`; also what the promise rejects with.
   */
  admit(intent: Intent, now: number): Entry | Promise<Entry> {
    const definition = this.#definitionOf(intent)
    checkName('key', intent.key)
    checkName('tenant', intent.tenant)
    checkName('idempotencyKey', intent.idempotencyKey)
    const { schema } = definition
    // What a schema is given is walked first: a schema may well trust that nothing refers to itself.
    const bytes = this.#bytesOf(definition, intent.payload)
    if (schema === undefined) return entryOf(intent, definition, intent.payload, bytes, now)
    let validated: ReturnType<StandardSchemaV1['~standard']['validate']>
    try {
      validated = schema['~standard'].validate(intent.payload)
    } catch (cause) {
      throw schemaThrew(definition, cause)
    }
    return validated instanceof Promise
      ? validated.then(
          (result) => this.#afterSchema(intent, definition, result, now),
          (cause) => Promise.reject(schemaThrew(definition, cause)),
        )
      : this.#afterSchema(intent, definition, validated, now)
  }

  #afterSchema(
    intent: Intent,
    definition: IntentDefinition,
    result: StandardSchemaV1.Result<unknown>,
    now: number,
  ): Entry {
    if (result.issues === undefined) {
      // A schema may have made something else of it.
      return entryOf(intent, definition, result.value, this.#bytesOf(definition, result.value), now)
    }
    const issues = result.issues.slice(0, 20).map(({ path, message }) => ({
      path: (path ?? []).map((segment) => (typeof segment === 'object' ? segment.key : segment)).map(plain),
      message,
    }))
    throw invalid(definition.type, issues)
  }

  #bytesOf(definition: IntentDefinition, payload: unknown): number {
    const maxBytes = Math.min(definition.maxPayloadBytes ?? MAX_PAYLOAD_BYTES, this.#maxBytes)
    const bytes = inspectPayload(payload, maxBytes)
    if (!(bytes instanceof PayloadFault)) return bytes
    if (!bytes.isTooLarge) throw invalid(definition.type, [{ path: bytes.path.map(plain), message: bytes.message }])
    const option = maxBytes === this.#maxBytes ? 'maxBytes of the scheduler' : 'maxPayloadBytes of its definition'
    throw new MillraceError(
      'INTENT_TOO_LARGE',
      `${definition.type}: its payload takes more than ${maxBytes} bytes; send less, or raise ${option}`,
      { detail: { type: definition.type, maxBytes } },
    )
  }

  /** The definition of an intent's type. */
  #definitionOf(intent: Intent): IntentDefinition {
    if (typeof intent !== 'object' || intent === null) {
      throw new MillraceError(
        'INTENT_INVALID',
        `An intent must be an object with a type and a payload, not ${show(intent)}`,
        {
          detail: { issues: [{ path: [], message: 'must be an object' }] },
        },
      )
    }
    const definition = this.#definitions.get(intent.type)
    if (definition !== undefined) return definition
    const types = [...this.#definitions.keys()]
    throw new MillraceError(
      'INTENT_TYPE_UNKNOWN',
      `No intents of the type ${show(intent.type)} are defined here: there are ${types.slice(0, 10).join(', ')}${types.length > 10 ? ' …' : ''}`,
      { detail: { type: intent.type } },
    )
  }
}

/** A schema that throws has refused, in a manner of its own. */
function schemaThrew({ type }: IntentDefinition, cause: unknown): MillraceError {
  const message = messageOf(cause)
  return new MillraceError('INTENT_INVALID', `${type}: its schema threw: ${message}`, {
    detail: { type, issues: [{ path: [], message }] },
    cause,
  })
}

function entryOf(intent: Intent, definition: IntentDefinition, payload: unknown, bytes: number, now: number): Entry {
  return new Entry(intent, definition, payload, intent.key ?? keyOf(definition, payload), bytes, now)
}

function keyOf(definition: IntentDefinition, payload: unknown): string | undefined {
  const { key, target, toRow } = definition
  if (key === undefined && target.kind !== 'update' && target.kind !== 'patch') return undefined
  let value: unknown
  try {
    value = key === undefined ? (toRow(payload) as RowChange).key : key(payload)
  } catch (cause) {
    throw new MillraceError('INTENT_INVALID', `${definition.type}: its key could not be told: ${messageOf(cause)}`, {
      detail: { type: definition.type, issues: [{ path: [], message: messageOf(cause) }] },
      cause,
    })
  }
  if (key === undefined && (typeof value === 'string' || typeof value === 'number')) {
    return `${(target as { table: string }).table}:${value}`
  }
  if (typeof value === 'string') return value
  throw invalid(definition.type, [{ path: [], message: `its key must be a string, not ${show(value)}` }])
}

function checkName(field: 'key' | 'tenant' | 'idempotencyKey', value: unknown): void {
  if (value === undefined) return
  if (typeof value === 'string' && value.length <= MAX_NAME_LENGTH && !value.includes('\0')) {
    if (value !== '' || field === 'tenant') return
  }
  const message = `must be a string of 1 to ${MAX_NAME_LENGTH} characters without NUL`
  throw new MillraceError('INTENT_INVALID', `An intent's ${field} ${message}, not ${show(value).slice(0, 80)}`, {
    detail: { issues: [{ path: [field], message }] },
  })
}

interface Issue {
  readonly path: readonly (string | number)[]
  readonly message: string
}

function invalid(type: string, issues: readonly Issue[]): MillraceError {
  const [first] = issues
  const where = first === undefined || first.path.length === 0 ? 'its payload' : `payload.${first.path.join('.')}`
  return new MillraceError(
    'INTENT_INVALID',
    `${type}: ${where}: ${first?.message ?? 'is not what its schema asks for'}`,
    {
      detail: { type, issues },
    },
  )
}

function plain(segment: PropertyKey): string | number {
  return typeof segment === 'number' ? segment : String(segment)
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error)
}
