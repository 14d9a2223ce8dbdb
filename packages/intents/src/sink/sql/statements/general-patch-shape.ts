import type { PatchTarget } from '../../../intent/target.ts'
import { isIndex, segmentsOf } from '../../dot-path.ts'
import { conditionFailed, notANumber, pathNotObject, rowChanged, rowNotFound } from '../../item-errors.ts'
import type { ItemOutcome } from '../../sink.ts'
import { type InputColumn, inputColumn, inputValues } from '../encode/input.ts'
import type { Statement, StatementResult } from '../sql-session.ts'
import { quoteName, quoteTable } from './identifier.ts'
import { keyedUpdate, settleUpdate } from './keyed-update.ts'
import { createMissing, documentOf, patchValue } from './patch-shape.ts'
import type { LockedRows, Shape, ShapedRow } from './shape.ts'

/** One step of a patch: what is done, where, with what, and for messages the path and the number of the condition. */
type Step = readonly [does: string, path: readonly string[], value: unknown, shownPath: string, condition: number]

/**
 * Patches of any paths, in one statement: paths and values come together, as a list of steps that the statement walks for each row.
 *
 * For batches of so many shapes that a statement for each would cost more: a row takes about five times as long.
 */
export class GeneralPatchShape implements Shape {
  readonly locks: LockedRows
  readonly usersPlan = false
  readonly place = '0'
  readonly #target: PatchTarget
  readonly #columns: readonly InputColumn[]
  readonly #text: string

  constructor(target: PatchTarget) {
    this.#target = target
    const key = inputColumn('k', target.key.type ?? 'text')
    this.#columns = [key, inputColumn('steps', 'jsonb')]
    this.locks = {
      table: quoteTable(target.table),
      column: quoteName(target.key.column),
      type: target.key.type ?? 'text',
      create: target.create ? createMissing(target, key) : undefined,
    }
    const walked = walk(documentOf(target))
    this.#text = keyedUpdate({
      table: this.locks.table,
      key: this.locks.column,
      input: this.#columns,
      assignments: `${quoteName(target.column)} = (SELECT doc FROM (${walked}) AS walked)`,
      holds: `(SELECT failed FROM (${walked}) AS walked) IS NULL`,
      why: `coalesce((SELECT failed FROM (${walked}) AS walked), -1)`,
      value: patchValue(target),
    })
  }

  /** A row of another shape, in this one. */
  rowOf(row: ShapedRow): ShapedRow {
    return { ...row, shape: this, texts: [row.texts[0] ?? null, JSON.stringify(stepsOf(row))] }
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
    settleUpdate(rows, result, (row, why) => this.#missed(row, why), tell)
  }

  #missed(row: ShapedRow, code: number) {
    const { table } = this.#target
    const key = row.texts[0] ?? ''
    if (code === 0) return rowNotFound(table, key)
    const step = stepsOf(row)[code - 1]
    if (step === undefined) return rowChanged(table, key)
    const [does, , , shownPath, at] = step
    const condition = row.change?.when?.[at]
    if (does === 'through' || does === 'through-array') return pathNotObject(table, key, shownPath)
    if (does === 'number' || condition === undefined) return notANumber(table, key, shownPath)
    return conditionFailed(table, key, condition)
  }
}

/** All that must hold, and then all that is done. */
function stepsOf({ change }: ShapedRow): Step[] {
  const { set = {}, add = {}, remove = [], when = [] } = change ?? {}
  const sets = Object.entries(set).filter(([, value]) => value !== undefined)
  const adds = Object.entries(add).filter(([, value]) => value !== undefined)
  const checks: Step[] = []
  const makes: Step[] = []
  for (const path of [...sets.map(([path]) => path), ...adds.map(([path]) => path)])
    for (const [way, next] of waysTo(path)) {
      checks.push(['through', way, isIndex(next), path, -1])
      if (way.length > 0) makes.push(['make', way, null, path, -1])
    }
  for (const path of remove)
    for (const [way, next] of waysTo(path)) checks.push(['through-array', way, isIndex(next), path, -1])
  for (const [path] of adds) checks.push(['number', segmentsOf(path), null, path, -1])
  for (const [at, { path, is, value }] of when.entries()) checks.push([is, segmentsOf(path), value ?? null, path, at])
  return [
    ...checks,
    ...makes.sort((a, b) => a[1].length - b[1].length),
    ...sets.map(([path, value]): Step => ['set', segmentsOf(path), value, path, -1]),
    ...adds.map(([path, value]): Step => ['add', segmentsOf(path), value, path, -1]),
    ...remove.map((path): Step => ['remove', segmentsOf(path), null, path, -1]),
  ]
}

function waysTo(path: string): [way: readonly string[], next: string][] {
  const segments = segmentsOf(path)
  return segments.map((next, end) => [segments.slice(0, end), next])
}

/** The document after the steps of a row, or the number of the one that failed, counted from 1. */
function walk(doc: string): string {
  const value = `(doc #> path)`
  const kind = `jsonb_typeof(${value})`
  const compare = (operator: string) =>
    `coalesce(jsonb_typeof(${value}) = jsonb_typeof(step -> 2) AND ${value} ${operator} step -> 2, false)`
  const arrayIf = `(${kind} = 'array' AND (step -> 2)::bool)`
  const comparisons = ['<', '<=', '>', '>='].map((operator) => `WHEN '${operator}' THEN ${compare(operator)}`).join(' ')
  return `WITH RECURSIVE walk(n, doc, failed) AS (
    SELECT 0, ${doc}, NULL::int4 UNION ALL
    SELECT n + 1, CASE step ->> 0
      WHEN 'make' THEN CASE WHEN ${value} IS NULL THEN jsonb_set(doc, path, '{}') ELSE doc END
      WHEN 'set' THEN jsonb_set(doc, path, step -> 2)
      WHEN 'add' THEN jsonb_set(doc, path, to_jsonb(coalesce(${value}::numeric, 0) + (step -> 2)::numeric))
      WHEN 'remove' THEN doc #- path
      ELSE doc END,
    CASE WHEN NOT CASE step ->> 0
      WHEN 'through' THEN coalesce(${kind} = 'object' OR ${arrayIf}, true)
      WHEN 'through-array' THEN CASE WHEN path = '{}' THEN ${kind} = 'object' OR ${arrayIf} ELSE coalesce(${kind} <> 'array' OR ${arrayIf}, true) END
      WHEN 'number' THEN coalesce(${kind} = 'number', true)
      WHEN 'exists' THEN ${value} IS NOT NULL
      WHEN 'missing' THEN ${value} IS NULL
      WHEN '!=' THEN ${value} IS DISTINCT FROM step -> 2
      WHEN '=' THEN coalesce(${value} = step -> 2, false)
      ${comparisons}
      ELSE true END THEN n + 1 END
    FROM walk, LATERAL (SELECT i.steps -> n, ARRAY(SELECT jsonb_array_elements_text(i.steps -> n -> 1))) AS one(step, path)
    WHERE n < jsonb_array_length(i.steps) AND failed IS NULL
  ) SELECT doc, failed FROM walk ORDER BY n DESC LIMIT 1`
}
