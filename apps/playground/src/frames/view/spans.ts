/** A span of a trace, on the row of its lane. */
export interface Span {
  readonly row: number
  readonly name: string
  /** In ms. */
  readonly start: number
  readonly duration: number
  readonly count: number
}

/** What a timeline shows: rows, and spans in the order of time. */
export interface Spans {
  readonly rows: readonly string[]
  readonly spans: readonly Span[]
}

interface TraceEvent {
  readonly name: string
  readonly ph: string
  readonly tid: number
  /** In µs. */
  readonly ts: number
  readonly dur?: number
  readonly args: { readonly name?: string; readonly count?: number }
}

/** Reads the complete events of a trace in Chrome's format: the very file that can be downloaded. */
export function readSpans(json: string): Spans {
  const { traceEvents } = JSON.parse(json) as { readonly traceEvents: readonly TraceEvent[] }
  const rowOf = new Map<number, number>()
  const rows: string[] = []
  for (const { name, ph, tid, args } of traceEvents) {
    if (ph !== 'M' || name !== 'thread_name') continue
    rowOf.set(tid, rows.length)
    rows.push(args.name ?? `${tid}`)
  }
  const spans: Span[] = []
  for (const { name, ph, tid, ts, dur = 0, args } of traceEvents) {
    const row = rowOf.get(tid)
    if (ph !== 'X' || row === undefined) continue
    spans.push({ row, name, start: ts / 1000, duration: dur / 1000, count: args.count ?? 1 })
  }
  return { rows, spans }
}
