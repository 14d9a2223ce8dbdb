import type { CheckedMonitor, CheckKind } from '../checks/check.ts'
import type { InterventionKind } from '../interventions/intervention.ts'
import type { Kinds } from '../kinds.ts'
import { CODES, type Code } from '../lifecycle/states.ts'
import type { CheckProfile, InterventionProfile, MonitorSpec, Profile, Route } from '../monitors/monitor.ts'
import { formatDuration, parseDuration } from './duration.ts'
import type { Fault } from './fields.ts'
import { FieldsReader } from './fields-reader.ts'
import { readMaintenance } from './maintenance.ts'
import type { Fitting } from './monitor-templates.ts'
import type { References } from './references.ts'
import { acceptRetries, type Routes } from './routes.ts'

const MAX_NAME = 200
const INTERVAL_MS = { min: 100, max: 31 * 86_400_000 }
/** As far as streaks are counted. */
const THRESHOLD = { min: 1, max: 255 }
/** Of what is checked, in UTF-8. */
const MAX_TARGET_BYTES = 65_535
const DEFAULT_TIMEOUT_MS = 5000
const UNHEALTHY_THRESHOLD = 3
const HEALTHY_THRESHOLD = 2
const INTERVENTION_TIMEOUT_MS = 30_000
const HEARING_MS = 10_000
const COOL_DOWN_MS = 300_000
/** Control characters, and what ends a line. */
const CONTROL = /[\p{Cc}\u2028\u2029]/u
/** What a monitor has beside its name and its check. */
const SHARED_FIELDS = ['enabled', 'tags', 'intervention', 'codes', 'maintenance']
/** What most monitors share, as it is written, is read once: so many are remembered. */
const MAX_SHARED = 4096

export interface MonitorReaderOptions {
  readonly kinds: Pick<Kinds, 'checks' | 'interventions'>
  readonly routes: Routes
  readonly references: References
  readonly isStrict: boolean
}

/** A monitor as it was read. */
export interface ReadMonitor {
  readonly spec: MonitorSpec
  /** The same of profiles that say the same, and of no others. */
  readonly key: string
}

/** All of a profile but its check. */
interface Shared {
  readonly number: number
  readonly rest: Omit<Profile, 'check'>
  readonly faults: readonly Fault[]
}

/** Reads monitors of a manifest, each by itself. */
export class MonitorReader {
  readonly #checks: ReadonlyMap<string, CheckKind>
  readonly #checkTypes: readonly string[]
  readonly #interventions: ReadonlyMap<string, InterventionKind>
  readonly #options: MonitorReaderOptions
  /** By what is written. PERF: a million monitors share few; bench/pulse/manifest.bench.ts. */
  readonly #shared = new Map<string, Shared>()
  /** By what was read, which may be written in several ways. */
  readonly #numbers = new Map<string, number>()
  #faults: Fault[] = []
  readonly #context

  constructor(options: MonitorReaderOptions) {
    this.#options = options
    this.#checks = options.kinds.checks
    this.#checkTypes = [...this.#checks.keys()]
    this.#interventions = options.kinds.interventions
    const { references, isStrict } = options
    this.#context = { references, isStrict, onFault: (fault: Fault) => void this.#faults.push(fault) }
  }

  /** Reads a monitor, as JSON has it, and tells `faults` what is wrong with it. */
  read(value: unknown, faults: Fault[]): ReadMonitor {
    this.#faults = faults
    const fields = new FieldsReader(value, '', this.#context)
    const name = this.#readName(fields)
    const shared = this.#readShared(fields)
    const { target, check } = this.#readCheck(fields.within('pulse_check'), name)
    fields.end()
    return { spec: { name, target, profile: { ...shared.rest, check } }, key: shared.number + JSON.stringify(check) }
  }

  /**
   * Reads a monitor that is like one which was read and had no fault, but for its name and one text of its `config`. Undefined if that is not so simple.
   * PERF: nothing but the target is new of most; bench/pulse/loading.bench.ts.
   */
  readLike({ name, config, field, text, like: { spec, key } }: Fitting<ReadMonitor>): ReadMonitor | undefined {
    const { check } = spec.profile
    const { references } = this.#options
    if (references.isReference(name) || faultOfName(name) !== undefined) return undefined
    const known = references.isReference(text) ? undefined : this.#checks.get(check.type)?.targetOfField?.(field, text)
    if (known !== undefined && known.length * 3 <= MAX_TARGET_BYTES && !references.reveals(known)) {
      return { spec: { name, target: known, profile: spec.profile }, key }
    }
    const faults: Fault[] = []
    this.#faults = faults
    const fields = new FieldsReader({ ...config, [field]: text }, 'pulse_check.config', this.#context)
    const { target, options } = this.#parseConfig(check.type, fields, { name, ...check })
    if (faults.length > 0) return undefined
    if (isSame(options, check.options)) return { spec: { name, target, profile: spec.profile }, key }
    const own = { ...check, options }
    const shared = key.slice(0, key.indexOf('{'))
    return { spec: { name, target, profile: { ...spec.profile, check: own } }, key: shared + JSON.stringify(own) }
  }

  #readCheck(fields: FieldsReader, monitor: string): { readonly target: string; readonly check: CheckProfile } {
    const type = fields.kind('type', this.#checkTypes)
    const intervalMs = fields.durationMs('interval', INTERVAL_MS)
    const timeoutMs = fields.durationMs('timeout', { min: 1 }, Math.min(DEFAULT_TIMEOUT_MS, intervalMs))
    if (timeoutMs > intervalMs) {
      const [timeout, interval] = [formatDuration(timeoutMs), formatDuration(intervalMs)]
      fields.fault('timeout', `is ${timeout}, longer than the interval of ${interval}: make it at most ${interval}`)
    }
    let unhealthyThreshold = UNHEALTHY_THRESHOLD
    if (fields.has('max_failures')) {
      unhealthyThreshold = fields.integer('max_failures', THRESHOLD, UNHEALTHY_THRESHOLD)
      fields.warn('max_failures', 'is of an earlier form: call it unhealthy_threshold')
    }
    unhealthyThreshold = fields.integer('unhealthy_threshold', THRESHOLD, unhealthyThreshold)
    const healthyThreshold = fields.integer('healthy_threshold', THRESHOLD, HEALTHY_THRESHOLD)
    acceptRetries(fields)
    const config = fields.within('config')
    fields.end()
    const { target, options } = this.#parseConfig(type, config, { name: monitor, intervalMs, timeoutMs })
    return { target, check: { type: type ?? '', intervalMs, timeoutMs, unhealthyThreshold, healthyThreshold, options } }
  }

  #parseConfig(type: string | undefined, config: FieldsReader, monitor: CheckedMonitor) {
    const kind = type === undefined ? undefined : this.#checks.get(type)
    if (kind === undefined || !config.isMapping) return { target: '', options: {} }
    acceptRetries(config)
    const parsed = kind.parse(config, monitor)
    config.end()
    const bytes = Buffer.byteLength(parsed.target)
    if (bytes > MAX_TARGET_BYTES)
      config.fault('', `names a target of ${bytes} bytes: make it at most ${MAX_TARGET_BYTES}`)
    if (this.#options.references.reveals(parsed.target)) {
      config.warn(
        '',
        'has a reference in what is checked, which is shown to who asks for it: put secrets into headers or a body',
      )
    }
    return parsed
  }

  #readShared(fields: FieldsReader): Shared {
    const written = JSON.stringify(SHARED_FIELDS.map((name) => fields.raw(name)))
    let shared = this.#shared.get(written)
    if (shared === undefined) {
      const outer = this.#faults
      this.#faults = []
      const rest = this.#readRest(fields)
      shared = { number: this.#numberOf(JSON.stringify(rest)), rest, faults: this.#faults }
      this.#faults = outer
      if (this.#shared.size >= MAX_SHARED) this.#shared.clear()
      this.#shared.set(written, shared)
    }
    for (const fault of shared.faults) this.#faults.push(fault)
    return shared
  }

  #numberOf(rest: string): number {
    const number = this.#numbers.get(rest) ?? this.#numbers.size
    this.#numbers.set(rest, number)
    return number
  }

  #readRest(fields: FieldsReader): Omit<Profile, 'check'> {
    const isEnabled = fields.boolean('enabled', true)
    const tags = fields.strings('tags', [])
    const intervention = fields.has('intervention') ? this.#readIntervention(fields.within('intervention')) : undefined
    const codes: Partial<Record<Code, readonly Route[]>> = {}
    const colours = fields.within('codes')
    for (const code of CODES) {
      if (!colours.has(code)) continue
      const routes = this.#options.routes.read(colours.within(code))
      if (routes.length > 0) codes[code] = routes
    }
    colours.end(CODES)
    const maintenance = fields.each('maintenance').map(readMaintenance)
    return { isEnabled, tags, ...(intervention === undefined ? {} : { intervention }), codes, maintenance }
  }

  #readIntervention(fields: FieldsReader): InterventionProfile {
    const type = fields.kind('action', [...this.#interventions.keys()])
    const target = fields.within('target')
    // What an action itself may take, and some time to hear of it.
    const own = parseDuration(target.peek('timeout')) ?? 0
    const timeoutMs = fields.durationMs('timeout', { min: 1 }, Math.max(INTERVENTION_TIMEOUT_MS, own + HEARING_MS))
    const coolDownMs = fields.durationMs('cool_down', { min: 0, max: INTERVAL_MS.max }, COOL_DOWN_MS)
    acceptRetries(fields)
    fields.end()
    acceptRetries(target)
    const kind = type === undefined || !target.isMapping ? undefined : this.#interventions.get(type)
    const parsed = kind?.parse(target)
    if (kind !== undefined) target.end()
    return { type: type ?? '', timeoutMs, coolDownMs, target: parsed ?? {} }
  }

  #readName(fields: FieldsReader): string {
    const written = fields.peek('name')
    if (typeof written === 'string' && this.#options.references.isReference(written)) {
      fields.raw('name')
      fields.fault('name', 'is a reference: a name is shown everywhere, so write it out')
      return ''
    }
    const before = this.#faults.length
    const name = fields.string('name')
    if (this.#faults.length > before) return ''
    const fault = faultOfName(name)
    if (fault !== undefined) fields.fault('name', fault)
    return name
  }
}

function faultOfName(name: string): string | undefined {
  if (name === '') return 'must be a text of its own, not an empty one'
  if (name.length > MAX_NAME) return `has ${name.length} characters: use at most ${MAX_NAME}`
  return CONTROL.test(name) ? 'has line breaks or other control characters: use letters that can be seen' : undefined
}

/** Whether two values say the same, and in the same order, as JSON would write them; no more is promised of what is not the same. */
function isSame(a: unknown, b: unknown): boolean {
  if (a === b) return true
  if (typeof a !== 'object' || typeof b !== 'object' || a === null || b === null) return false
  if (Array.isArray(a) !== Array.isArray(b)) return false
  const [names, others] = [Object.keys(a), Object.keys(b)]
  if (names.length !== others.length) return false
  for (let at = 0; at < names.length; at++) {
    const name = names[at]!
    if (name !== others[at]) return false
    if (!isSame((a as Record<string, unknown>)[name], (b as Record<string, unknown>)[name])) return false
  }
  return true
}
