/** Statuses from one to another, both included; by twos, one pair after another. */
export type StatusRanges = readonly number[]

/** Reads one of `200`, `"2xx"`, `"200-299"`; undefined if it is none. */
export function readStatusRange(value: unknown): readonly [from: number, to: number] | undefined {
  const text = typeof value === 'number' ? String(value) : typeof value === 'string' ? value.trim() : ''
  const hundred = /^([1-5])xx$/i.exec(text)?.[1]
  if (hundred !== undefined) return [Number(hundred) * 100, Number(hundred) * 100 + 99]
  const [, first, last = first] = /^([1-5]\d\d)(?:\s*-\s*([1-5]\d\d))?$/.exec(text) ?? []
  const [from, to] = [Number(first), Number(last)]
  return from <= to ? [from, to] : undefined
}

export function isWithin(ranges: StatusRanges, status: number): boolean {
  for (let at = 0; at < ranges.length; at += 2) if (status >= ranges[at]! && status <= ranges[at + 1]!) return true
  return false
}
