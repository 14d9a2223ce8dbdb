const grouped = new Intl.NumberFormat('en-US', { maximumFractionDigits: 0 })

/** A whole number with thousands apart: `25,431`. */
export function formatCount(value: number): string {
  return grouped.format(Math.round(value))
}

/** A count with its noun, in the singular for one: `1 file`, `25,431 files`. */
export function formatItems(value: number, singular: string, plural = `${singular}s`): string {
  return `${formatCount(value)} ${value === 1 ? singular : plural}`
}

/** Bytes in the unit that leaves one to three digits before the point: `812 B`, `4.1 MB`. Units are decimal. */
export function formatBytes(bytes: number): string {
  if (bytes < 999.5) return `${Math.round(bytes)} B`
  const units = ['KB', 'MB', 'GB', 'TB']
  let value = bytes / 1000
  let unit = 0
  while (value >= 999.5 && unit < units.length - 1) {
    value /= 1000
    unit++
  }
  return `${short(value)} ${units[unit]}`
}

/** Megabytes, as the engine counts memory: `612 MB`, `1.9 GB`. */
export function formatMegabytes(megabytes: number): string {
  return megabytes < 999.5 ? `${Math.round(megabytes)} MB` : `${short(megabytes / 1000)} GB`
}

/** A duration in at most two units: `38 ms`, `7.1 s`, `3 min 12 s`, `2 h 5 min`, `28 d 23 h`. */
export function formatSeconds(seconds: number): string {
  if (seconds < 0.9995) return `${Math.round(seconds * 1000)} ms`
  if (seconds < 59.95) return `${seconds.toFixed(1)} s`
  const whole = Math.round(seconds)
  if (whole < 3600) return `${Math.floor(whole / 60)} min ${whole % 60} s`
  const minutes = Math.round(seconds / 60)
  if (minutes < 48 * 60) return `${Math.floor(minutes / 60)} h ${minutes % 60} min`
  const hours = Math.round(minutes / 60)
  return `${formatCount(Math.floor(hours / 24))} d ${hours % 24} h`
}

/** A duration in one unit, rounded down: `38 s`, `3 min`, `2 h`, `28 d`. */
export function formatRough(seconds: number): string {
  if (seconds < 60) return `${Math.floor(seconds)} s`
  if (seconds < 3600) return `${Math.floor(seconds / 60)} min`
  if (seconds < 48 * 3600) return `${Math.floor(seconds / 3600)} h`
  return `${formatCount(Math.floor(seconds / 86_400))} d`
}

/** A prediction in whole seconds, which is as much as it is worth: `5 s`, `3 min 12 s`. */
export function formatEta(seconds: number): string {
  return seconds < 60 ? `${Math.ceil(seconds)} s` : formatSeconds(seconds)
}

/** A share of a whole: `57.3 %`. 100 % is said only of the whole, and of nothing; 0 % only of nothing. */
export function formatShare(part: number, whole: number): string {
  const percent = whole === 0 ? 100 : (part / whole) * 100
  if (part > 0 && percent < 0.1) return '< 0.1 %'
  return `${(part < whole ? Math.min(percent, 99.9) : percent).toFixed(1)} %`
}

/** Megabytes a second: `21.3 MB/s`. */
export function formatThroughput(megabytesPerSecond: number): string {
  return `${megabytesPerSecond < 99.95 ? megabytesPerSecond.toFixed(1) : formatCount(megabytesPerSecond)} MB/s`
}

/** Milliseconds as a table shows them: `0.8 ms`, `812 ms`, `1.3 s`. */
export function formatMs(ms: number): string {
  return ms < 9.95 ? `${ms.toFixed(1)} ms` : formatSeconds(ms / 1000)
}

function short(value: number): string {
  return value < 99.95 ? value.toFixed(1) : value.toFixed(0)
}
