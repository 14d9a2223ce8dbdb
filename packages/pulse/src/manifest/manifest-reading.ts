import type { Kinds } from '../kinds.ts'
import type { MonitorBatch } from '../monitors/monitor.ts'
import { BatchBuilder } from './batch-builder.ts'
import type { FaultList } from './fault-list.ts'
import type { Fault } from './fields.ts'
import { FieldsReader } from './fields-reader.ts'
import { jsonFault } from './formats/json-fault.ts'
import type { Definitions, Items } from './formats/piece.ts'
import { LineOfName } from './line-of-name.ts'
import { MonitorReader, type ReadMonitor } from './monitor-reader.ts'
import { MonitorTemplates } from './monitor-templates.ts'
import { type ReferenceSources, References } from './references.ts'
import { Routes } from './routes.ts'

/** What a manifest is read with. */
export interface ReadingOptions {
  /** What it may name: the same as those of the pulse that is to load it. */
  readonly kinds: Pick<Kinds, 'checks' | 'interventions' | 'channels'>
  /** Unknown fields are faults, not warnings. @default false */
  readonly isStrict?: boolean
  /** Where `${NAME}` and `file:/path` lead. */
  readonly references?: ReferenceSources
}

const BRACE = 123

/** One reading of a manifest, piece by piece. */
export class ManifestReading {
  readonly #faults: FaultList
  readonly #batches = new BatchBuilder()
  readonly #names = new LineOfName()
  readonly #templates = new MonitorTemplates<ReadMonitor>()
  readonly #routes: Routes
  readonly #reader: MonitorReader
  readonly #context
  #hasList = false
  #hasBroken = false
  #found: Fault[] = []

  constructor(options: ReadingOptions, faults: FaultList) {
    const { kinds, isStrict = false, references: sources } = options
    this.#faults = faults
    const references = new References(sources)
    this.#routes = new Routes(kinds.channels)
    this.#reader = new MonitorReader({ kinds, routes: this.#routes, references, isStrict })
    this.#context = { references, isStrict, onFault: (fault: Fault) => void this.#found.push(fault) }
  }

  broken(line: number, message: string, monitor?: string): void {
    this.#hasBroken = true
    // It may have been what monitors refer to, which each of them would then be told of.
    if (!this.#hasList) this.#routes.isIncomplete = true
    this.#faults.add({ field: '', message, isWarning: false }, () => line, monitor)
  }

  define({ value, lineOf }: Definitions): void {
    const fields = new FieldsReader(value, '', this.#context)
    const [endpoints, groups] = [fields.raw('endpoints'), fields.raw('notification_groups')]
    this.#guarded(() => this.#routes.define(endpoints, groups, this.#context))
    // Names that begin so are for anchors.
    fields.end(fields.names.filter((name) => name.startsWith('x-')))
    if (this.#hasList && (endpoints !== undefined || groups !== undefined)) {
      fields.fault(endpoints === undefined ? 'notification_groups' : 'endpoints', LATE)
    }
    for (const fault of this.#found.splice(0)) this.#faults.add(fault, () => lineOf(fault.field))
  }

  /** Reads a monitor, or what a line of NDJSON has in its place. @returns a batch that is full. */
  read(items: Items, index: number): MonitorBatch | undefined {
    const text = items.texts[index]!
    if (isBlank(text)) return undefined
    const line = items.lines[index]!
    const like = this.#readLike(text, line)
    if (like !== undefined) return this.#take(like, line)
    let value: unknown
    try {
      value = JSON.parse(text)
    } catch (error) {
      const { line: within, message } = jsonFault(error, text)
      this.broken(line + within - 1, message)
      return undefined
    }
    if (isMapping(value) && !('name' in value) && !('pulse_check' in value)) {
      if ('endpoints' in value || 'notification_groups' in value) {
        this.define({ kind: 'definitions', value, lineOf: () => line })
        return undefined
      }
      if ('monitor' in value) {
        const { monitor: _, ...others } = value as Record<string, unknown>
        if (Object.keys(others).length > 0) new FieldsReader(others, '', this.#context).end(['monitor'])
      }
    }
    const monitor = unwrapped(value)
    this.#hasList = true
    const read = this.#read(monitor, line, (field) => items.lineOf(index, field))
    if (read === undefined) return undefined
    if (read.isClean) this.#templates.learn(text, monitor, read, unwrapped)
    return this.#take(read, line)
  }

  list(): void {
    this.#hasList = true
  }

  end(): MonitorBatch | undefined {
    if (!this.#hasList && !this.#hasBroken) {
      this.#faults.add({ field: '', message: EMPTY, isWarning: false }, () => 0)
    }
    return this.#batches.isEmpty ? undefined : this.#batches.take()
  }

  /** Reads a monitor that is like one before it and has no fault; undefined if it is not, or may have one. */
  #readLike(text: string, line: number): ReadMonitor | undefined {
    const fitting = this.#templates.fit(text)
    if (fitting === undefined) return undefined
    try {
      const read = this.#reader.readLike(fitting)
      return read !== undefined && this.#names.meet(read.spec.name, line) === 0 ? read : undefined
    } catch {
      return undefined
    }
  }

  /** Reads a monitor; undefined if it has a fault. */
  #read(
    value: unknown,
    line: number,
    lineOf: (field: string) => number,
  ): (ReadMonitor & { isClean: boolean }) | undefined {
    const found = this.#found
    let read: ReadMonitor | undefined
    this.#guarded(() => {
      read = this.#reader.read(value, found)
    })
    const name = read?.spec.name ?? nameOf(value)
    const before = name === '' ? 0 : this.#names.find(name)
    if (before > 0) {
      found.push({
        field: 'name',
        message: `is that of the monitor on line ${before} too: give each its own`,
        isWarning: false,
      })
    }
    const isClean = found.length === 0
    let isFaulty = read === undefined
    const shown = name === '' ? undefined : name.slice(0, 200)
    for (const fault of found.splice(0)) {
      if (!fault.isWarning) isFaulty = true
      this.#faults.add(fault, () => lineOf(fault.field), shown)
    }
    // Those with a fault have their names all the same.
    if (name !== '') this.#names.meet(name, line)
    return isFaulty ? undefined : { ...read!, isClean }
  }

  #take({ spec, key }: ReadMonitor, line: number): MonitorBatch | undefined {
    this.#batches.add(spec, key, line)
    return this.#batches.isFull ? this.#batches.take() : undefined
  }

  /** Kinds are of others, and may throw whatever they like. */
  #guarded(read: () => void): void {
    try {
      read()
    } catch (error) {
      const why = this.#context.references.hide(error instanceof Error ? error.message : String(error))
      this.#found.push({ field: '', message: `cannot be read: ${why}`, isWarning: false })
    }
  }
}

const LATE = 'stand behind monitors: in a large file, write them before the first'
const EMPTY =
  'The manifest has no monitors: write monitors: and a list of them, or monitors: [] if there are to be none'

/** What a line has in it: a monitor, or one by name. */
function unwrapped(value: unknown): unknown {
  if (!isMapping(value) || 'name' in value || 'pulse_check' in value || !('monitor' in value)) return value
  return value.monitor
}

function nameOf(value: unknown): string {
  return isMapping(value) && 'name' in value && typeof value.name === 'string' ? value.name : ''
}

function isMapping(value: unknown): value is object {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

function isBlank(text: string): boolean {
  return text.charCodeAt(0) !== BRACE && text.trim() === ''
}
