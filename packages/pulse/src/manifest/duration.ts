const UNITS: Readonly<Record<string, number>> = { ms: 1, s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000 }
const DURATION = /^(?:\d+(?:\.\d+)?(?:ms|s|m|h|d))+$/
const PART = /(\d+(?:\.\d+)?)(ms|s|m|h|d)/g
/** Longer text is no duration. */
const MAX_LENGTH = 40
/** PERF: a million monitors say few different ones. */
const known = new Map<string, number>()
const MAX_KNOWN = 256

/** Milliseconds of `30s`, `1m30s`, `500ms`, `0.5s` or a number of seconds; undefined if it is none of these. */
export function parseDuration(value: unknown): number | undefined {
  if (typeof value === 'number') return Number.isFinite(value) && value >= 0 ? Math.round(value * 1000) : undefined
  if (typeof value !== 'string' || value.length > MAX_LENGTH) return undefined
  const before = known.get(value)
  if (before !== undefined) return before
  if (!DURATION.test(value)) return undefined
  let ms = 0
  for (const [, count, unit] of value.matchAll(PART)) ms += Number(count) * UNITS[unit!]!
  if (known.size < MAX_KNOWN) known.set(value, Math.round(ms))
  return Math.round(ms)
}

/** As a person writes it: `1m30s`. */
export function formatDuration(ms: number): string {
  if (ms === 0) return '0s'
  let text = ''
  let rest = ms
  for (const [unit, size] of [
    ['d', 86_400_000],
    ['h', 3_600_000],
    ['m', 60_000],
    ['s', 1000],
    ['ms', 1],
  ] as const) {
    const count = Math.floor(rest / size)
    if (count === 0) continue
    text += `${count}${unit}`
    rest -= count * size
  }
  return text
}
