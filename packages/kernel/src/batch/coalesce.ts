/** What {@link coalesce} needs to know of items. */
export interface CoalesceOptions<T> {
  /** What an item is of, such as the row it changes; undefined: of nothing, it is free. */
  readonly keyOf: (item: T) => string | undefined
  /** A second name that no two items of a wave share. */
  readonly idOf?: (item: T) => string | undefined
  /**
   * One item that stands for both, of the same key; undefined where they must stay apart. `earlier` may stand for several
   * already. Only tried with the latest item of that key, and not where the wave of that one is too early for the id of
   * `later`.
   */
  readonly merge?: (earlier: T, later: T) => T | undefined
}

/**
 * Lays `items[0]` to `items[count - 1]` out in waves that are to be done one after the other.
 *
 * Within a wave no key and no id is there twice, and the order is that of the items. What is of one key, or has one id,
 * keeps its order across waves; each item is in the earliest wave that allows this. One that was merged has its earlier
 * one's place and counts for both ids; items of one id are never merged. O(n) expected; asks for the names of an
 * item up to twice, and reads `items` only.
 */
export function coalesce<T>(items: readonly (T | undefined)[], count: number, options: CoalesceOptions<T>): T[][] {
  const { keyOf, idOf, merge } = options
  // PERF: by far the commonest is that nothing is there twice; a set tells it for half the price of a map; bench/kernel/coalesce.bench.ts.
  if (areDistinct(items, count, keyOf) && (idOf === undefined || areDistinct(items, count, idOf))) {
    return count === 0 ? [] : [items.slice(0, count) as T[]]
  }

  const placed: T[] = []
  /** The wave of what is placed; beyond its end 0. */
  const waves: number[] = []
  /** The latest item of a key, as its index in `placed`. */
  const latest = new Map<string, number>()
  /** The latest wave in which an id is. */
  const waveOfId = new Map<string, number>()
  let last = 0

  for (let index = 0; index < count; index++) {
    const item = items[index] as T
    const key = keyOf(item)
    const id = idOf?.(item)
    const before = key === undefined ? undefined : latest.get(key)
    const idWave = (id === undefined ? undefined : waveOfId.get(id)) ?? -1
    const keyWave = before === undefined ? -1 : (waves[before] ?? 0)

    if (before !== undefined && idWave < keyWave) {
      const merged = merge?.(placed[before]!, item)
      if (merged !== undefined) {
        placed[before] = merged
        if (id !== undefined) waveOfId.set(id, keyWave)
        continue
      }
    }

    const wave = Math.max(keyWave, idWave) + 1
    if (key !== undefined) latest.set(key, placed.length)
    if (id !== undefined) waveOfId.set(id, wave)
    if (wave > 0) {
      while (waves.length < placed.length) waves.push(0)
      waves.push(wave)
      last = Math.max(last, wave)
    }
    placed.push(item)
  }
  return last === 0 ? [placed] : split(placed, waves, last)
}

function areDistinct<T>(
  items: readonly (T | undefined)[],
  count: number,
  nameOf: (item: T) => string | undefined,
): boolean {
  const names = new Set<string>()
  let named = 0
  for (let index = 0; index < count; index++) {
    const name = nameOf(items[index] as T)
    if (name !== undefined && names.add(name).size === named++) return false
  }
  return true
}

function split<T>(placed: readonly T[], waves: readonly number[], last: number): T[][] {
  const laidOut: T[][] = Array.from({ length: last + 1 }, () => [])
  placed.forEach((item, index) => {
    laidOut[waves[index] ?? 0]!.push(item)
  })
  return laidOut
}
