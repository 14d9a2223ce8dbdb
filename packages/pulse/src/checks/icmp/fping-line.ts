/** What a line that `fping -C` prints says of an address: how long its first reply took, in ms; undefined if that there was none. */
export interface FpingReply {
  readonly address: string
  readonly ms: number | undefined
}

/** On stdout as they come: `192.0.2.1 : [0], 64 bytes, 0.05 ms (0.05 avg, 0% loss)`; `[0]`, a number, is the attempt. */
const REPLY = /^(\S+)\s*: \[\d+\], (?:\d+ bytes, )?([\d.]+) ms/
/** On stderr at the end, of all attempts: `192.0.2.1 : 0.05 - 0.07`. */
const SUMMARY = /^(\S+)\s*: ((?:(?:[\d.]+|-)(?: |$))+)$/

/** Undefined for a line that says nothing of a reply; that an attempt timed out does not. */
export function readFpingLine(line: string): FpingReply | undefined {
  const reply = REPLY.exec(line)
  if (reply !== null) return { address: reply[1]!, ms: Number(reply[2]) }
  const summary = SUMMARY.exec(line.trimEnd())
  if (summary === null) return undefined
  const first = summary[2]!.split(' ').find((attempt) => attempt !== '-' && attempt !== '')
  return { address: summary[1]!, ms: first === undefined ? undefined : Number(first) }
}

/**
 * What `fping` is called with, so that it ends within `budgetMs`: the addresses one after the other, a millisecond apart, `count` times, and the wait for the
 * last reply.
 */
export function fpingArguments(addresses: readonly string[], count: number, budgetMs: number): string[] {
  const sendMs = addresses.length * BETWEEN_MS
  const leftMs = Math.max(MIN_WAIT_MS, budgetMs - sendMs)
  const periodMs = Math.max(MIN_PERIOD_MS, Math.min(MAX_PERIOD_MS, Math.floor(leftMs / (count + 1))))
  const waitMs = Math.max(MIN_WAIT_MS, Math.floor(leftMs - (count - 1) * periodMs))
  const numbers = { C: count, i: BETWEEN_MS, p: periodMs, t: waitMs, r: 0, B: 1 }
  // By numbers only, and behind -- nothing is taken for an option.
  return [...Object.entries(numbers).map(([flag, value]) => `-${flag}${value}`), '--', ...addresses]
}

/** Less it takes from root only. */
const BETWEEN_MS = 1
const MIN_PERIOD_MS = 20
const MIN_WAIT_MS = 50
const MAX_PERIOD_MS = 1000
