import { type CoalesceOptions, coalesce } from '../../src/batch/coalesce.ts'

type Items<T> = readonly (T | undefined)[]

/** First fit: an item goes into any wave that has not its names, and may come before an earlier one of the same key. */
export function firstFit<T>(items: Items<T>, count: number, { keyOf, idOf }: CoalesceOptions<T>): T[][] {
  const waves: { items: T[]; keys: Set<string>; ids: Set<string> }[] = []
  for (let index = 0; index < count; index++) {
    const item = items[index] as T
    const key = keyOf(item)
    const id = idOf?.(item)
    let wave = waves.find(
      ({ keys, ids }) => !(key !== undefined && keys.has(key)) && !(id !== undefined && ids.has(id)),
    )
    if (wave === undefined) {
      wave = { items: [], keys: new Set(), ids: new Set() }
      waves.push(wave)
    }
    wave.items.push(item)
    if (key !== undefined) wave.keys.add(key)
    if (id !== undefined) wave.ids.add(id)
  }
  return waves.map((wave) => wave.items)
}

/** Merges what has one key without a look at ids: what was sent twice counts twice. */
export function mergeRegardless<T>(items: Items<T>, count: number, options: CoalesceOptions<T>): T[][] {
  return coalesce(items, count, { keyOf: options.keyOf, ...(options.merge && { merge: options.merge }) })
}

/** A wave for each item: right, and as slow as no batch at all. */
export function oneByOne<T>(items: Items<T>, count: number): T[][] {
  return items.slice(0, count).map((item) => [item as T])
}
