import { chromeTrace } from '../../src/observe/chrome-trace.ts'
import type { Trace } from '../../src/observe/trace.ts'

interface Timed {
  readonly tid: number
  readonly ts: number
  readonly dur?: number
}

/** The real export with its timed events changed. */
function changed(trace: Trace, change: (events: (object & Timed)[]) => object[]): string {
  const { traceEvents } = JSON.parse(chromeTrace(trace)) as { traceEvents: (object & Timed & { ph: string })[] }
  const isName = (event: { ph: string }) => event.ph === 'M'
  const events = [...traceEvents.filter(isName), ...change(traceEvents.filter((event) => !isName(event)))]
  return JSON.stringify({ traceEvents: events, displayTimeUnit: 'ms' })
}

/** All spans, as `placeOf` places each behind the one before on its track. */
function placed(
  trace: Trace,
  placeOf: (
    startMs: number,
    endMs: number,
    takenToMs: number,
  ) => (Omit<Timed, 'tid'> & { takenToMs: number }) | undefined,
): string {
  const spans: { track: number; name: string; startMs: number; endMs: number; count: number }[] = []
  trace.readFrom(0, (track, name, startMs, endMs, count) =>
    spans.push({ track, name: trace.textOf(name), startMs, endMs, count }),
  )
  const taken = new Map<number, number>()
  const events = spans
    .toSorted((a, b) => a.startMs - b.startMs)
    .flatMap(({ track, name, startMs, endMs, count }) => {
      const place = placeOf(startMs, endMs, taken.get(track) ?? 0)
      if (place === undefined) return []
      taken.set(track, place.takenToMs)
      const args = count > 1 ? { count } : {}
      return [{ name, cat: 'millrace', ph: 'X', ts: place.ts, dur: place.dur, pid: 1, tid: track + 1, args }]
    })
  return changed(trace, (real) =>
    [...real.filter((event) => event.dur === undefined), ...events].toSorted((a, b) => a.ts - b.ts),
  )
}

/** Ways in which an export goes wrong. */
export const chromeTraces: Readonly<Record<string, (trace: Trace) => string>> = {
  'spans lie over others': (trace) =>
    placed(trace, (startMs, endMs) => ({ ts: startMs * 1000, dur: (endMs - startMs) * 1000, takenToMs: endMs })),

  'a span that meets another is left out whole': (trace) =>
    placed(trace, (startMs, endMs, takenToMs) =>
      startMs < takenToMs ? undefined : { ts: startMs * 1000, dur: (endMs - startMs) * 1000, takenToMs: endMs },
    ),

  'times are cut in milliseconds and rounded as floating-point numbers are': (trace) =>
    placed(trace, (startMs, endMs, takenToMs) => {
      const from = Math.max(startMs, takenToMs)
      return from < endMs ? { ts: from * 1000, dur: (endMs - from) * 1000, takenToMs: endMs } : undefined
    }),

  'durations are whole microseconds': (trace) =>
    changed(trace, (events) =>
      events.map((event) => (event.dur === undefined ? event : { ...event, dur: Math.floor(event.dur) })),
    ),

  'events come track by track': (trace) => changed(trace, (events) => events.toSorted((a, b) => a.tid - b.tid)),

  'names are written as they are': (trace) => chromeTrace(trace).replaceAll(/\\(["\\])/g, '$1'),
}
