import type { BatchSchedulerOptions, IntentDefinition, IntentSource, Sink } from '@millrace/intents'
import type { RateLimitOptions } from '@millrace/intents/http'
import { MillraceError } from '@millrace/kernel/errors'
import * as v from 'valibot'
import { didYouMean } from './did-you-mean.ts'

/**
 * What `intents` holds in a configuration file: any option of `createBatchScheduler`, and what this host adds.
 */
export interface IntentsSection extends Partial<BatchSchedulerOptions> {
  /** The address of the PostgreSQL to write to. @default an embedded one in the state folder */
  readonly postgres?: string
  /** Statements that are run at the start, such as `CREATE TABLE IF NOT EXISTS …`: it must be possible to run them again. */
  readonly setUp?: readonly string[]
  readonly host?: string
  readonly port?: number
  /** Clients must show one of these. */
  readonly tokens?: readonly string[]
  readonly rateLimit?: RateLimitOptions
  /** Origins whose pages may connect by WebSocket. */
  readonly origins?: readonly string[]
  readonly stateDir?: string
  /** Where intents come from besides. */
  readonly sources?: readonly IntentSource[]
}

const text = v.pipe(v.string('must be some text'), v.nonEmpty('must be some text'))
const texts = v.array(text, 'must be a list of texts')
/** What the library checks itself, when it is given it. */
const theirs = v.exactOptional(v.unknown())

const fields = {
  postgres: v.exactOptional(text),
  setUp: v.exactOptional(texts),
  host: v.exactOptional(text),
  port: v.exactOptional(
    v.pipe(
      v.number('must be a port'),
      v.integer('must be a port'),
      v.minValue(0, 'must be a port'),
      v.maxValue(65_535, 'must be a port'),
    ),
  ),
  tokens: v.exactOptional(texts),
  origins: v.exactOptional(texts),
  rateLimit: theirs,
  stateDir: v.exactOptional(text),
  sink: v.exactOptional(v.custom<Sink>(isSink, 'must be a sink, such as createPostgresSink gives')),
  sources: v.exactOptional(
    v.array(v.custom<IntentSource>(isSource, 'must have start() and stop()'), 'must be a list of sources'),
  ),
  intents: v.exactOptional(
    v.pipe(
      v.array(
        v.custom<IntentDefinition>(isDefinition, 'must be what defineIntent gives'),
        'must be a list of what defineIntent gives',
      ),
      v.minLength(1, 'must have at least one'),
    ),
  ),
  preset: theirs,
  timeWindowMs: theirs,
  maxBatchSize: theirs,
  maxBatchBytes: theirs,
  adaptiveBatching: theirs,
  maxConcurrentBatches: theirs,
  maxItems: theirs,
  maxBytes: theirs,
  whenFull: theirs,
  maxWaitMs: theirs,
  atomicity: theirs,
  retry: theirs,
  circuitBreaker: theirs,
  whenOpen: theirs,
  writeTimeoutMs: theirs,
  deadLetters: theirs,
  eventBus: theirs,
  stage: theirs,
} as const satisfies Record<string, v.GenericSchema | v.ExactOptionalSchema<v.GenericSchema, undefined>>

const section = v.strictObject(fields, (issue) =>
  issue.expected === 'never'
    ? `is no known field${didYouMean(String(issue.path?.at(-1)?.key ?? ''), Object.keys(fields)).replace(/^ /, '. ')}`
    : 'must be an object',
)

/**
 * Checks the section `intents` of a configuration file.
 * @throws {MillraceError} `CONFIG_INVALID` naming each field at fault.
 */
export function checkIntentsSection(value: unknown, file: string): IntentsSection {
  const result = v.safeParse(section, value)
  if (result.success) return result.output as IntentsSection
  const faults = result.issues.map((issue) => `${placeOf(issue)} ${issue.message}`)
  throw new MillraceError('CONFIG_INVALID', `In ${file}: ${faults.join('; ')}.`.replace(/\?\.$/, '?'), {
    detail: { file, faults },
  })
}

function isSink(value: unknown): boolean {
  if (typeof value !== 'object' || value === null) return false
  const { open, write, failureOf, close } = value as Partial<Sink>
  return [open, write, failureOf, close].every((method) => typeof method === 'function')
}

function isSource(value: unknown): boolean {
  if (typeof value !== 'object' || value === null) return false
  const { start, stop } = value as Partial<IntentSource>
  return typeof start === 'function' && typeof stop === 'function'
}

function isDefinition(value: unknown): boolean {
  if (typeof value !== 'object' || value === null) return false
  const { type, target, toRow } = value as Partial<IntentDefinition>
  return typeof type === 'string' && typeof target === 'object' && typeof toRow === 'function'
}

function placeOf({ path }: v.BaseIssue<unknown>): string {
  let place = 'intents'
  for (const { key } of path ?? []) place += typeof key === 'number' ? `[${key}]` : `.${String(key)}`
  return place
}
