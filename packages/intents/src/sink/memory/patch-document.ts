import type { MillraceError } from '@millrace/kernel/errors'
import type { Condition, RowChange } from '../../intent/target.ts'
import { isIndex, segmentsOf } from '../dot-path.ts'
import { conditionFailed, notANumber, pathNotObject } from '../item-errors.ts'

type Json = null | boolean | number | string | Json[] | { [name: string]: Json }

/**
 * A document with a change made to it, by the rules of a `patch`; the one given is left as it is.
 *
 * What a path leads through is made where it is missing. An index beyond the end of an array appends to it.
 * @throws {MillraceError} what its item ends with.
 */
export function patchDocument(before: unknown, change: RowChange, table: string): unknown {
  const doc = structuredClone(before ?? {}) as Json
  const key = String(change.key)
  const { add = {}, remove = [], when = [] } = change
  const set = Object.entries(change.set ?? {}).filter(([, value]) => value !== undefined)
  for (const path of [...set.map(([path]) => path), ...Object.keys(add)])
    checkWay(doc, path, pathNotObject(table, key, path))
  for (const path of remove) checkRemoval(doc, path, pathNotObject(table, key, path))
  for (const path of Object.keys(add)) {
    const value = valueAt(doc, segmentsOf(path))
    if (value !== undefined && typeof value !== 'number') throw notANumber(table, key, path)
  }
  for (const condition of when)
    if (!holds(valueAt(doc, segmentsOf(condition.path)), condition)) throw conditionFailed(table, key, condition)

  const sums = Object.entries(add).map(([path, number]) => [path, Number(valueAt(doc, segmentsOf(path)) ?? 0) + number])
  for (const [path, value] of [...set, ...sums] as [string, unknown][])
    put(doc, segmentsOf(path), JSON.parse(JSON.stringify(value)) as Json)
  for (const path of remove) take(doc, segmentsOf(path))
  return doc
}

/** What is at a path; undefined where there is nothing. */
export function valueAt(doc: unknown, segments: readonly string[]): unknown {
  let value = doc as Json | undefined
  for (const segment of segments) {
    if (typeof value !== 'object' || value === null) return undefined
    if (Array.isArray(value)) value = isIndex(segment) ? value[Number(segment)] : undefined
    else value = Object.hasOwn(value, segment) ? value[segment] : undefined
  }
  return value
}

/** Whether a condition holds of a value. Values of different kinds are never less or greater. */
export function holds(value: unknown, { is, value: compared }: Condition): boolean {
  if (is === 'exists') return value !== undefined
  if (is === 'missing') return value === undefined
  if (is === '=') return value === compared
  if (is === '!=') return value !== compared
  if (typeof value !== typeof compared || value === undefined || compared === undefined) return false
  const known = value as string | number | boolean
  if (is === '<') return known < compared
  if (is === '<=') return known <= compared
  return is === '>' ? known > compared : known >= compared
}

function checkWay(doc: Json, path: string, error: MillraceError): void {
  const segments = segmentsOf(path)
  for (const [end, next] of segments.entries()) {
    const through = valueAt(doc, segments.slice(0, end))
    if (through === undefined) return
    if (typeof through !== 'object' || through === null || (Array.isArray(through) && !isIndex(next))) throw error
  }
}

function checkRemoval(doc: Json, path: string, error: MillraceError): void {
  if (typeof doc !== 'object' || doc === null) throw error
  const segments = segmentsOf(path)
  for (const [end, next] of segments.entries())
    if (Array.isArray(valueAt(doc, segments.slice(0, end))) && !isIndex(next)) throw error
}

function put(doc: Json, segments: readonly string[], value: Json): void {
  let at = doc as { [name: string]: Json }
  for (const segment of segments.slice(0, -1)) {
    if (valueAt(at, [segment]) === undefined) assign(at, segment, {})
    // What was appended to an array has its last index.
    at = (valueAt(at, [segment]) ?? (at as unknown as Json[]).at(-1)) as { [name: string]: Json }
  }
  assign(at, segments.at(-1) ?? '', value)
}

function assign(at: { [name: string]: Json } | Json[], segment: string, value: Json): void {
  if (Array.isArray(at)) at[Math.min(Number(segment), at.length)] = value
  // An assignment would not make a field named __proto__.
  else Object.defineProperty(at, segment, { value, writable: true, enumerable: true, configurable: true })
}

function take(doc: Json, segments: readonly string[]): void {
  const at = valueAt(doc, segments.slice(0, -1)) as Json | undefined
  const last = segments.at(-1) ?? ''
  if (Array.isArray(at)) at.splice(Number(last), 1)
  else if (typeof at === 'object' && at !== null) delete at[last]
}
