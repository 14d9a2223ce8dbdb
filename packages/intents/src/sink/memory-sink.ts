import { MillraceError } from '@millrace/kernel/errors'
import type { IntentDefinition } from '../intent/define-intent.ts'
import type { Condition, InsertTarget, PatchTarget, RowChange, UpdateTarget } from '../intent/target.ts'
import { segmentsOf } from './dot-path.ts'
import { conditionFailed, keyReused, rowExists, rowInvalid, rowNotFound } from './item-errors.ts'
import { type MemoryRow, MemoryTable } from './memory/memory-table.ts'
import { holds, patchDocument, valueAt } from './memory/patch-document.ts'
import type { BatchOutcome, ItemOutcome, Sink, WriteBatch, WriteItem } from './sink.ts'
import { checkTargetOptions } from './sql/check-targets.ts'
import { failureOf } from './sql/database-failure.ts'
import { rowHash } from './sql/encode/row-hash.ts'
import { isExactType } from './sql/statements/returned-columns.ts'
import type { ShapedRow, TargetWriter } from './sql/statements/shape.ts'
import { writerOf } from './sql/writer-of.ts'

/** What a {@link createMemorySink} begins with. */
export interface MemorySinkOptions {
  /** Rows by table. A table that is not here is made when it is first written to. */
  readonly tables?: Readonly<Record<string, readonly Readonly<MemoryRow>[]>>
}

/** A sink whose tables can be looked at. */
export interface MemorySink extends Sink {
  /** A copy of the rows of a table, in the order in which they were inserted. */
  rows(table: string): MemoryRow[]
}

/**
 * Writes to tables in memory, with the outcomes that PostgreSQL would give: for tests and first tries. What is written is gone with the process.
 *
 * Columns hold what they are given: it knows of types, lengths and constraints only what targets declare. It has no SQL.
 */
export function createMemorySink({ tables = {} }: MemorySinkOptions = {}): MemorySink {
  const sink = new TablesSink()
  for (const [name, rows] of Object.entries(tables))
    for (const row of rows) sink.table(name).insert(structuredClone(row))
  return sink
}

class TablesSink implements MemorySink {
  readonly #tables = new Map<string, MemoryTable>()
  readonly #writers = new Map<IntentDefinition, TargetWriter>()
  readonly #known = new Map<string, { readonly hash: string; readonly outcome: ItemOutcome }>()
  #closed = false

  async open(definitions: readonly IntentDefinition[]): Promise<void> {
    for (const { type, target } of definitions) {
      if (target.kind === 'sql')
        throw new MillraceError(
          'TARGET_UNSUPPORTED',
          `The target of ${type} is SQL, which a sink in memory cannot run`,
          {
            detail: { type },
          },
        )
      checkTargetOptions(type, target)
    }
    for (const definition of definitions) this.#writers.set(definition, writerOf(definition.target))
  }

  /** Nothing else runs between its first and its last item: that is its transaction. */
  async write(batch: WriteBatch, signal: AbortSignal): Promise<BatchOutcome> {
    if (this.#closed || signal.aborted)
      throw new MillraceError('WRITE_ABORTED', 'The batch was given up before any of it was written', {
        detail: { failure: 'transient' },
        cause: signal.reason,
      })
    const outcomes = new Map<WriteItem, ItemOutcome>()
    for (const item of batch.waves.flat()) {
      const outcome = this.#write(item)
      if (outcome.status !== 'committed' || outcome.value !== undefined) outcomes.set(item, outcome)
    }
    return outcomes
  }

  failureOf(error: unknown) {
    return failureOf(error)
  }

  async ping(): Promise<void> {}

  async close(): Promise<void> {
    this.#closed = true
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close()
  }

  rows(table: string): MemoryRow[] {
    return structuredClone(this.table(table).rows)
  }

  table(name: string): MemoryTable {
    const known = this.#tables.get(name)
    if (known !== undefined) return known
    const table = new MemoryTable()
    this.#tables.set(name, table)
    return table
  }

  #write(item: WriteItem): ItemOutcome {
    let row: ShapedRow
    try {
      const writer = this.#writers.get(item.definition)
      if (writer === undefined) throw new Error('the sink was not opened for it')
      row = writer.read(item)
    } catch (error) {
      return failed(error, item)
    }
    const key = item.idempotencyKey
    if (key === undefined) return this.#apply(row)
    const hash = rowHash(row)
    const known = this.#known.get(key)
    if (known === undefined) {
      const outcome = this.#apply(row)
      this.#known.set(key, { hash, outcome })
      return outcome
    }
    if (known.hash !== hash) return { status: 'failed', error: keyReused(key) }
    return known.outcome.status === 'failed' ? known.outcome : { status: 'duplicate', value: known.outcome.value }
  }

  #apply(row: ShapedRow): ItemOutcome {
    const { target } = row.item.definition
    try {
      if (target.kind === 'insert') return this.#insert(target, row)
      if (target.kind === 'update') return this.#update(target, row)
      if (target.kind === 'patch') return this.#patch(target, row)
    } catch (error) {
      return failed(error, row.item)
    }
    return failed(new Error('it has no SQL'), row.item)
  }

  #insert(target: InsertTarget, { source }: ShapedRow): ItemOutcome {
    const table = this.table(target.table)
    const given = source as MemoryRow
    const row: MemoryRow = {}
    for (const column of Object.keys(target.columns)) row[column] = given[column] ?? null
    const { key = [], onConflict = 'error' } = target
    const values = key.map((column) => row[column])
    const there = key.length === 0 ? undefined : table.find(key, values)
    if (there === undefined) table.insert(row)
    else if (onConflict === 'update') table.assign(there, row)
    else if (onConflict === 'ignore') return { status: 'committed', value: undefined }
    else throw rowExists(target.table, values.map(String))
    return { status: 'committed', value: returned(there ?? row, target) }
  }

  #update(target: UpdateTarget, { texts, change }: ShapedRow): ItemOutcome {
    const table = this.table(target.table)
    const key = texts[0] ?? ''
    const row = table.find([target.key.column], [key])
    if (row === undefined) throw rowNotFound(target.table, key)
    for (const condition of change?.when ?? [])
      if (!holdsOfColumn(row[condition.path], condition)) throw conditionFailed(target.table, key, condition)
    const values: MemoryRow = {}
    for (const [column, value] of Object.entries(change?.set ?? {})) if (value !== undefined) values[column] = value
    for (const [column, number] of Object.entries(change?.add ?? {})) values[column] = Number(row[column] ?? 0) + number
    table.assign(row, values)
    return { status: 'committed', value: returned(row, target) }
  }

  #patch(target: PatchTarget, { texts, change }: ShapedRow): ItemOutcome {
    const table = this.table(target.table)
    const key = texts[0] ?? ''
    let row = table.find([target.key.column], [key])
    if (row === undefined) {
      if (!target.create) throw rowNotFound(target.table, key)
      row = { [target.key.column]: change?.key, [target.column]: {} }
      table.insert(row)
    }
    const doc = patchDocument(row[target.column], change as RowChange, target.table)
    table.assign(row, { [target.column]: doc })
    const { returning = [] } = target
    if (returning.length === 0) return { status: 'committed', value: undefined }
    const value = Object.fromEntries(
      returning.map((path) => [path, structuredClone(valueAt(doc, segmentsOf(path)) ?? null)]),
    )
    return { status: 'committed', value }
  }
}

function failed(error: unknown, { definition }: WriteItem): ItemOutcome {
  if (error instanceof MillraceError) return { status: 'failed', error }
  return { status: 'failed', error: rowInvalid(definition.type, 'toRow threw an error', {}, error) }
}

/** In SQL, a column that is NULL is missing. */
function holdsOfColumn(value: unknown, condition: Condition): boolean {
  return holds(value ?? undefined, condition)
}

function returned(row: MemoryRow, { columns, returning = [] }: InsertTarget | UpdateTarget): unknown {
  if (returning.length === 0) return undefined
  const values = returning.map((column) => {
    const value = row[column] ?? null
    if (value !== null && isExactType(columns[column] ?? '')) return [column, String(value)]
    return [column, JSON.parse(JSON.stringify(value))]
  })
  return Object.fromEntries(values)
}
