import type { Trace } from './trace.ts'

/** How a {@link chromeTrace} presents itself. */
export interface ChromeTraceOptions {
  /** What the process of the tracks is called. @default "millrace" */
  readonly processName?: string
}

interface TraceEvent {
  readonly name: string
  readonly cat: string
  readonly ph: 'X' | 'C'
  readonly ts: number
  readonly dur?: number
  readonly pid: number
  readonly tid: number
  readonly args: Readonly<Record<string, number>>
}

interface HeldSpan {
  readonly track: number
  readonly name: number
  readonly startMs: number
  readonly endMs: number
  readonly count: number
}

const PROCESS = 1
/** Of the process itself and its counters; the tracks follow. */
const PROCESS_THREAD = 0
const CATEGORY = 'millrace'
/**
 * Times are whole eighths of a microsecond. They are whole nanoseconds too, so that no viewer rounds them (in the first
 * 104 days of a clock), and exact in binary, so that a start and its duration add up to the end.
 */
const TICKS_PER_MS = 8000
const TICKS_PER_US = 8

/**
 * What `trace` holds as JSON in the Trace Event Format, which Perfetto, chrome://tracing and the Performance panel of
 * Chrome's DevTools open: a thread a track, counters beside them, all in the order of time.
 *
 * Spans of one track never overlap, as viewers demand it: what began first, or was written first where both began at
 * once, keeps its time, and another keeps what is left behind it, or is left out when nothing is. Times are rounded to
 * the nearest eighth of a microsecond, and no span is shorter than that. O(n log n) in what is held.
 *
 * Google, "Trace Event Format", 2016.
 */
export function chromeTrace(trace: Trace, options: ChromeTraceOptions = {}): string {
  const spans: HeldSpan[] = []
  const events: TraceEvent[] = []
  trace.readFrom(
    0,
    (track, name, startMs, endMs, count) => spans.push({ track, name, startMs, endMs, count }),
    (name, atMs, value) =>
      events.push({
        name: trace.textOf(name),
        cat: CATEGORY,
        ph: 'C',
        ts: Math.round(atMs * TICKS_PER_MS) / TICKS_PER_US,
        pid: PROCESS,
        tid: PROCESS_THREAD,
        args: { value },
      }),
  )

  const takenTo = new Float64Array(trace.tracks.length).fill(Number.NEGATIVE_INFINITY)
  for (const { track, name, startMs, endMs, count } of spans.toSorted((a, b) => a.startMs - b.startMs)) {
    const start = Math.round(startMs * TICKS_PER_MS)
    const end = Math.max(start + 1, Math.round(endMs * TICKS_PER_MS))
    const from = Math.max(start, takenTo[track]!)
    // After 2 ** 53 ticks, 35 years, the sum could miss the end.
    if (from >= end || from + (end - from) !== end) continue
    takenTo[track] = end
    events.push({
      name: trace.textOf(name),
      cat: CATEGORY,
      ph: 'X',
      ts: from / TICKS_PER_US,
      dur: (end - from) / TICKS_PER_US,
      pid: PROCESS,
      tid: PROCESS_THREAD + 1 + track,
      args: count > 1 ? { count } : {},
    })
  }
  events.sort((a, b) => a.ts - b.ts)

  const lines = [...namesOf(trace, options.processName ?? 'millrace'), ...events].map((event) => JSON.stringify(event))
  return `{"traceEvents":[\n${lines.join(',\n')}\n],"displayTimeUnit":"ms"}\n`
}

function namesOf(trace: Trace, processName: string): object[] {
  const about = (name: string, tid: number, args: object) => ({
    name,
    cat: '__metadata',
    ph: 'M',
    ts: 0,
    pid: PROCESS,
    tid,
    args,
  })
  return [
    about('process_name', PROCESS_THREAD, { name: processName }),
    ...trace.tracks.flatMap((track, index) => {
      const tid = PROCESS_THREAD + 1 + index
      return [about('thread_name', tid, { name: track }), about('thread_sort_index', tid, { sort_index: index })]
    }),
  ]
}
