import type { Condition, PatchTarget } from '../../../intent/target.ts'
import { isIndex, segmentsOf } from '../../dot-path.ts'
import { conditionFailed, notANumber, pathNotObject } from '../../item-errors.ts'
import type { ItemOutcome } from '../../sink.ts'
import { arrayLiteral } from '../encode/array-literal.ts'
import { type InputColumn, inputColumn, inputQuery, inputValues } from '../encode/input.ts'
import type { Statement, StatementResult } from '../sql-session.ts'
import { quoteName, quoteTable, quoteText } from './identifier.ts'
import { keyedUpdate, settleUpdate } from './keyed-update.ts'
import { allHold, firstMissed, missed, type Requirement } from './requirement.ts'
import type { LockedRows, Shape, ShapedRow } from './shape.ts'

/** What patches of one shape have in common: all but the values. */
export interface PatchPaths {
  readonly set: readonly string[]
  readonly add: readonly string[]
  readonly remove: readonly string[]
  readonly when: readonly Pick<Condition, 'path' | 'is'>[]
}

/**
 * Patches of the same paths, in one statement: the values come as columns, the paths stand in its text.
 *
 * A row's texts are its key, the values set, the numbers added, and what conditions compare with, in the order of {@link PatchPaths}.
 */
export class PatchShape implements Shape {
  readonly locks: LockedRows
  readonly usersPlan = false
  readonly place = '0'
  readonly general: (row: ShapedRow) => ShapedRow
  readonly #target: PatchTarget
  readonly #columns: readonly InputColumn[]
  readonly #requirements: readonly Requirement[]
  readonly #text: string

  constructor(target: PatchTarget, paths: PatchPaths, general: (row: ShapedRow) => ShapedRow) {
    this.#target = target
    this.general = general
    const key = inputColumn('k', target.key.type ?? 'text')
    this.locks = {
      table: quoteTable(target.table),
      column: quoteName(target.key.column),
      type: target.key.type ?? 'text',
      create: target.create ? createMissing(target, key) : undefined,
    }
    const { set, add, remove } = paths
    const when = paths.when.map((condition, at) => ({ condition, at }))
    const compared = when.filter(({ condition }) => condition.is !== 'exists' && condition.is !== 'missing')
    this.#columns = [
      key,
      ...set.map((_, at) => inputColumn(`s${at}`, 'jsonb')),
      ...add.map((_, at) => inputColumn(`a${at}`, 'numeric')),
      ...compared.map(({ at }) => inputColumn(`c${at}`, 'jsonb')),
    ]
    const doc = documentOf(target)
    this.#requirements = [
      ...throughObjects(doc, target, [...set, ...add]),
      ...throughArrays(doc, target, remove),
      ...add.map((path) => ({
        holds: `coalesce(jsonb_typeof(${at(doc, segmentsOf(path))}) = 'number', true)`,
        failure: (row: ShapedRow) => notANumber(target.table, row.texts[0] ?? '', path),
      })),
      ...when.map(({ condition, at: index }) => ({
        holds: conditionOf(at(doc, segmentsOf(condition.path)), condition.is, `i.c${index}`),
        failure: (row: ShapedRow) =>
          conditionFailed(target.table, row.texts[0] ?? '', row.change?.when?.[index] ?? condition),
      })),
    ]
    this.#text = keyedUpdate({
      table: this.locks.table,
      key: this.locks.column,
      input: this.#columns,
      assignments: `${quoteName(target.column)} = ${patched(doc, paths)}`,
      holds: allHold(this.#requirements),
      why: firstMissed(this.#requirements),
      value: patchValue(target),
    })
  }

  statements(rows: readonly ShapedRow[]): Statement[] {
    const values = inputValues(
      this.#columns,
      rows.map(({ texts }) => texts),
    )
    const patch = { text: this.#text, values }
    const { create } = this.locks
    return create === undefined ? [patch] : [{ text: create, values: values.slice(0, 1) }, patch]
  }

  settle(
    rows: readonly ShapedRow[],
    result: StatementResult,
    tell: (row: ShapedRow, outcome: ItemOutcome) => void,
  ): void {
    settleUpdate(rows, result, (row, why) => missed(this.#target.table, this.#requirements, row, why), tell)
  }
}

/** The document as it is: of a row without one, an empty object. */
export function documentOf({ column }: PatchTarget): string {
  return `coalesce(t.${quoteName(column)}, '{}')`
}

/** Inserts rows that are not there, in the order of the input, as empty objects. */
export function createMissing({ table, key, column }: PatchTarget, input: InputColumn): string {
  return `INSERT INTO ${quoteTable(table)} (${quoteName(key.column)}, ${quoteName(column)})
SELECT k, '{}' FROM (${inputQuery([input])}) AS input ON CONFLICT (${quoteName(key.column)}) DO NOTHING`
}

/** What the caller of a patch gets back. */
export function patchValue({ column, returning }: PatchTarget): string | undefined {
  if (returning === undefined || returning.length === 0) return undefined
  const parts = returning.map((path) => `${quoteText(path)}, ${at(`t.${quoteName(column)}`, segmentsOf(path))}`)
  return `jsonb_build_object(${parts.join(', ')})`
}

function patched(doc: string, { set, add, remove }: PatchPaths): string {
  const made = new Map<string, readonly string[]>()
  for (const path of [...set, ...add])
    for (const way of waysTo(segmentsOf(path))) if (way.length > 0) made.set(way.join('.'), way)
  const ways = [...made.values()].sort((a, b) => a.length - b.length)
  const change = (from: string) => {
    let changed = from
    for (const [index, path] of set.entries())
      changed = `jsonb_set(${changed}, ${pathText(segmentsOf(path))}, i.s${index})`
    for (const [index, path] of add.entries()) {
      const sum = `to_jsonb(coalesce((${at(doc, segmentsOf(path))})::numeric, 0) + i.a${index})`
      changed = `jsonb_set(${changed}, ${pathText(segmentsOf(path))}, ${sum})`
    }
    for (const path of remove) changed = `(${changed} #- ${pathText(segmentsOf(path))})`
    return changed
  }
  if (ways.length === 0) return change(doc)
  const withWays = ways.reduce(
    (from, way) => `jsonb_set(${from}, ${pathText(way)}, coalesce(${at(doc, way)}, '{}'))`,
    doc,
  )
  const missing = ways.map((way) => `${at(doc, way)} IS NULL`).join(' OR ')
  // PERF: each jsonb_set copies the document: what is on the way is put there only where it is missing.
  return `CASE WHEN ${missing} THEN ${change(withWays)} ELSE ${change(doc)} END`
}

/** What a path that is written leads through must be objects, or arrays where an index follows, as far as it is there. */
function throughObjects(doc: string, target: PatchTarget, paths: readonly string[]): Requirement[] {
  return throughAll(target, paths, (way, next) => {
    const kind = `jsonb_typeof(${at(doc, way)})`
    return `coalesce(${isIndex(next) ? `${kind} IN ('object', 'array')` : `${kind} = 'object'`}, true)`
  })
}

/** What a path that is taken away leads through must be no array without an index; whatever else it is, there is nothing to take away. */
function throughArrays(doc: string, target: PatchTarget, paths: readonly string[]): Requirement[] {
  return throughAll(target, paths, (way, next) => {
    const kind = `jsonb_typeof(${at(doc, way)})`
    if (way.length === 0) return `${kind} IN (${isIndex(next) ? `'object', 'array'` : `'object'`})`
    return isIndex(next) ? undefined : `coalesce(${kind} <> 'array', true)`
  })
}

function throughAll(
  { table }: PatchTarget,
  paths: readonly string[],
  holdsAt: (way: readonly string[], next: string) => string | undefined,
): Requirement[] {
  const requirements = new Map<string, Requirement>()
  for (const path of paths) {
    const segments = segmentsOf(path)
    for (const way of waysTo(segments)) {
      const holds = holdsAt(way, segments[way.length] ?? '')
      if (holds === undefined || requirements.has(holds)) continue
      requirements.set(holds, { holds, failure: (row) => pathNotObject(table, row.texts[0] ?? '', path) })
    }
  }
  return [...requirements.values()]
}

/** Everything a path leads through, from the document itself on. */
function waysTo(segments: readonly string[]): (readonly string[])[] {
  return segments.map((_, end) => segments.slice(0, end))
}

/** Values of different kinds are never less or greater, and never the same. */
function conditionOf(value: string, is: Condition['is'], compared: string): string {
  switch (is) {
    case 'exists':
      return `(${value} IS NOT NULL)`
    case 'missing':
      return `(${value} IS NULL)`
    case '!=':
      return `(${value} IS DISTINCT FROM ${compared})`
    case '=':
      return `coalesce(${value} = ${compared}, false)`
    default:
      return `coalesce(jsonb_typeof(${value}) = jsonb_typeof(${compared}) AND ${value} ${is} ${compared}, false)`
  }
}

function at(doc: string, segments: readonly string[]): string {
  if (segments.length === 0) return doc
  // PERF: a name at a time is found faster than a path, which is an array; but only a path counts in arrays. bench/intents/throughput.bench.ts.
  if (segments.some(isIndex)) return `(${doc} #> ${pathText(segments)})`
  return `(${[doc, ...segments.map(quoteText)].join(' -> ')})`
}

function pathText(segments: readonly string[]): string {
  return quoteText(arrayLiteral(segments))
}
