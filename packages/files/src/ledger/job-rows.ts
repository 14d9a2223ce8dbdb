import type { JobRow } from './ledger.ts'
import type { StoredJob } from './statements.ts'

/** The UTC day as job ids have it: `20261121`. */
export function utcDay(ms: number): string {
  return new Date(ms).toISOString().slice(0, 10).replaceAll('-', '')
}

/** `20261121-001`: the UTC day and the job's place in it, so that ids sort by age and can be typed. `last` is the day's last id so far. */
export function jobIdAfter(day: string, last: string | undefined): string {
  const place = last === undefined ? 1 : Number(last.slice(day.length + 1)) + 1
  return `${day}-${String(place).padStart(3, '0')}`
}

/** What a tree is told by beside its root: the processors' names without their versions, as JSON. */
export function treeNames(tags: readonly string[]): string {
  return JSON.stringify(tags.map((tag) => tag.slice(0, tag.lastIndexOf('@'))))
}

export function jobRow({ pid, ownerStartedMs, host, processors, discoveryDone, ...rest }: StoredJob): JobRow {
  return {
    ...rest,
    processors: JSON.parse(processors),
    owner: { pid, startedMs: ownerStartedMs, host },
    discoveryDone: discoveryDone === 1,
  }
}
