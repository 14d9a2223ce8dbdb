import {
  type BatchConfig,
  BatchPriority,
  type BatchStrategy,
  globFault,
  type PriorityRule,
  type RuntimeConfig,
  type Sink,
} from '@millrace/files'
import * as v from 'valibot'
import { didYouMean } from './did-you-mean.ts'
import { describeLimit, type Limit, limits, withinLimit } from './limits.ts'

/** What `files` holds in a configuration file: the engine's configuration, and the folder to run over. */
export interface FilesSection extends BatchConfig {
  readonly dir?: string
  /** The address of a PostgreSQL that has the ledger. */
  readonly postgres?: string
}

/** A configuration file's contents, checked. */
export interface Config {
  readonly files?: FilesSection
  /** What `intents-section.ts` checks: it is the library's, and looked at by the commands that need it. */
  readonly intents?: Readonly<Record<string, unknown>>
  readonly profiles?: Readonly<Record<string, { readonly files?: FilesSection }>>
}

const text = v.pipe(v.string(expecting('some text')), v.nonEmpty(expecting('some text')))
const glob = v.pipe(
  text,
  v.check(
    (value) => globFault(value) === undefined,
    ({ input }) => `is ${show(input)}, which ${globFault(input)}`,
  ),
)
const flag = v.boolean(expecting('true or false'))
const bytes = number({ min: 0, whole: true, unit: 'bytes' })
const milliseconds = number({ min: 0, whole: false, unit: 'milliseconds' })

const priorityRule = section({
  priority: v.pipe(
    v.custom<string | number>((value) => levelOf(value) !== undefined, expecting('LOW, MEDIUM, HIGH or CRITICAL')),
    v.transform((value) => levelOf(value) ?? BatchPriority.MEDIUM),
  ),
  glob: v.exactOptional(glob),
  language: v.exactOptional(text),
  minBytes: v.exactOptional(bytes),
  maxBytes: v.exactOptional(bytes),
  newerThanMs: v.exactOptional(milliseconds),
  olderThanMs: v.exactOptional(milliseconds),
})

/** What may change while a job runs. */
const runtimeFields = {
  batchSize: v.exactOptional(number(limits.batchSize)),
  maxConcurrentBatches: v.exactOptional(number(limits.maxConcurrentBatches)),
  workerCount: v.exactOptional(number(limits.workerCount)),
  memoryLimitMb: v.exactOptional(number(limits.memoryLimitMb)),
  retryAttempts: v.exactOptional(number(limits.retryAttempts)),
  timeoutSeconds: v.exactOptional(number(limits.timeoutSeconds)),
}

const filesSection = section({
  dir: v.exactOptional(text),
  postgres: v.exactOptional(text),
  ...runtimeFields,
  checkpointInterval: v.exactOptional(number(limits.checkpointInterval)),
  workerHeapMb: v.exactOptional(number(limits.workerHeapMb)),
  recycleAfterFiles: v.exactOptional(number(limits.recycleAfterFiles)),
  recycleAboveMb: v.exactOptional(number(limits.recycleAboveMb)),
  workerMemoryMb: v.exactOptional(number(limits.workerMemoryMb)),
  maxPauseSeconds: v.exactOptional(number(limits.maxPauseSeconds)),
  maxFileBytes: v.exactOptional(number(limits.maxFileBytes)),
  discover: v.exactOptional(
    section({
      include: v.exactOptional(listOf(glob)),
      exclude: v.exactOptional(listOf(glob)),
      hidden: v.exactOptional(flag),
      vendor: v.exactOptional(flag),
      gitignore: v.exactOptional(flag),
      followSymlinks: v.exactOptional(flag),
    }),
  ),
  priority: v.exactOptional(
    v.lazy((value) => (typeof value === 'function' ? v.custom<PriorityFunction>(isFunction) : listOf(priorityRule))),
  ),
  strategy: v.exactOptional(v.custom<BatchStrategy>(isObject, expecting('what defineBatchStrategy gives'))),
  processors: v.exactOptional(listOf(text)),
  transforms: v.exactOptional(listOf(text)),
  sink: v.exactOptional(
    v.custom<string | Sink | null>(
      (value) => value === null || isObject(value) || (typeof value === 'string' && value !== ''),
      expecting("a sink's name, what defineSink gives, or null"),
    ),
  ),
  out: v.exactOptional(text),
  reuse: v.exactOptional(v.picklist(['stamp', 'hash', 'none'], expecting('stamp, hash or none'))),
  cpuProfDir: v.exactOptional(text),
  stateDir: v.exactOptional(text),
})

const configSchema: v.GenericSchema<unknown, Config> = section({
  files: v.exactOptional(filesSection),
  intents: v.exactOptional(v.custom<Readonly<Record<string, unknown>>>(isRecord, expecting('an object'))),
  profiles: v.exactOptional(
    v.record(v.string(), section({ files: v.exactOptional(filesSection) }), expecting('an object of profiles by name')),
  ),
})

const runtimeSchema: v.GenericSchema<unknown, RuntimeConfig> = section(runtimeFields)

type PriorityFunction = Extract<BatchConfig['priority'], (...file: never[]) => unknown>

/** A configuration that is well formed, or what is wrong with it, a phrase for each fault: where, what it must be, what it is. */
export type Checked<T> =
  | { readonly ok: true; readonly config: T }
  | { readonly ok: false; readonly faults: readonly string[] }

/** Checks what a configuration file exports. */
export function checkConfig(value: unknown): Checked<Config> {
  return check(configSchema, value, 'the default export')
}

/** Checks changes for a job that runs. */
export function checkRuntimeConfig(value: unknown): Checked<RuntimeConfig> {
  return check(runtimeSchema, value, 'the configuration')
}

function check<T>(schema: v.GenericSchema<unknown, T>, value: unknown, whole: string): Checked<T> {
  const result = v.safeParse(schema, value)
  if (result.success) return { ok: true, config: result.output }
  return { ok: false, faults: result.issues.map((issue) => `${placeOf(issue, whole)} ${issue.message}`) }
}

/** The priority of a level's name in any case, or of its number. */
export function levelOf(value: unknown): PriorityRule['priority'] | undefined {
  const names: Readonly<Record<string, PriorityRule['priority']>> = BatchPriority
  if (typeof value === 'string')
    return Object.hasOwn(names, value.toUpperCase()) ? names[value.toUpperCase()] : undefined
  return Object.values(names).find((level) => level === value)
}

/** An object with these fields and no others. */
function section<const E extends v.ObjectEntries>(entries: E) {
  const fields = v.strictObject(entries, (issue) => {
    if (issue.expected !== 'never') return 'is missing'
    const key = lastKey(issue)
    return `is no known field${didYouMean(key, Object.keys(entries)).replace(/^ /, '. ')}`
  })
  return v.pipe(v.custom<Record<string, unknown>>(isRecord, expecting('an object')), fields)
}

function listOf<const S extends v.GenericSchema>(item: S) {
  return v.array(item, expecting('a list'))
}

function number(limit: Limit) {
  const message = expecting(describeLimit(limit))
  return v.pipe(
    v.number(message),
    v.check((value) => withinLimit(value, limit), message),
  )
}

function expecting(what: string) {
  return ({ input }: { readonly input: unknown }) => `must be ${what}, got ${show(input)}`
}

function isFunction(value: unknown): boolean {
  return typeof value === 'function'
}

function isObject(value: unknown): boolean {
  return typeof value === 'object' && value !== null
}

function isRecord(value: unknown): boolean {
  return isObject(value) && !Array.isArray(value)
}

function placeOf(issue: v.BaseIssue<unknown>, whole: string): string {
  let place = ''
  for (const { key } of issue.path ?? []) {
    place += typeof key === 'number' ? `[${key}]` : `${place === '' ? '' : '.'}${String(key)}`
  }
  return place === '' ? whole : place
}

function lastKey(issue: v.BaseIssue<unknown>): string {
  return String(issue.path?.at(-1)?.key ?? '')
}

function show(value: unknown): string {
  if (typeof value === 'string') return JSON.stringify(value)
  if (Array.isArray(value)) return 'a list'
  if (typeof value === 'function') return 'a function'
  return isObject(value) ? 'an object' : String(value)
}
