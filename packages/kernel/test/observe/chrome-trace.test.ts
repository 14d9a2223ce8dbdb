import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { chromeTrace } from '../../src/observe/chrome-trace.ts'
import { Trace } from '../../src/observe/trace.ts'
import { chromeTraces } from '../mutants/chrome-traces.ts'
import { fails, holds } from '../property.ts'

interface ChromeEvent {
  readonly name: string
  readonly cat: string
  readonly ph: string
  readonly ts: number
  readonly dur: number
  readonly pid: number
  readonly tid: number
  readonly args: Readonly<Record<string, unknown>>
}

const TICK_US = 1 / 8
const ticks = (ms: number) => Math.round((ms * 1000) / TICK_US)

const text = fc.oneof(fc.constantFrom('move', '"', '\\', '\u2028', '\ud800'), fc.string({ unit: 'binary' }))
const startMs = fc.oneof(fc.nat(9), fc.double({ min: 0, max: 0.01 }), fc.double({ min: 0, max: 1e9 }))
const lengthMs = fc.oneof(fc.integer({ min: 1, max: 9 }), fc.double({ min: 1e-6, max: 0.01 }), fc.double({ max: 20 }))
/** Tiny ones back to back, as a fine clock sees small jobs. */
const chain = fc
  .tuple(startMs, fc.array(fc.double({ min: 1e-5, max: 0.002 }), { maxLength: 20 }))
  .map(([at, lengths]) => {
    let end = at
    return lengths.map((length) => {
      const start = end
      end += length
      return { start, end }
    })
  })
const loose = fc.tuple(startMs, lengthMs).map(([start, length]) => [{ start, end: start + length }])
const written = fc.record({
  tracks: fc.array(text, { minLength: 1, maxLength: 3 }),
  runs: fc.array(
    fc.record({ track: fc.nat(2), name: text, count: fc.nat(3), times: fc.oneof(chain, loose, loose, loose) }),
    { maxLength: 20, size: 'max' },
  ),
  values: fc.array(fc.record({ name: text, at: startMs, value: fc.double({ noNaN: true }) }), { maxLength: 5 }),
})
type Written = typeof written extends fc.Arbitrary<infer T> ? T : never

function traceOf({ tracks, runs, values }: Written): Trace {
  const trace = new Trace({ spans: 1000, tracks })
  for (const { track, name, count, times } of runs) {
    for (const { start, end } of times) trace.span(track % tracks.length, trace.name(name), start, end, count)
  }
  for (const { name, at, value } of values) trace.counter(trace.name(name), at, value)
  return trace
}

function eventsOf(json: string): ChromeEvent[] {
  const { traceEvents, displayTimeUnit } = JSON.parse(json) as { traceEvents: ChromeEvent[]; displayTimeUnit: string }
  expect(displayTimeUnit).toBe('ms')
  return traceEvents
}

interface HeldSpan {
  readonly name: string
  readonly startUs: number
  readonly endUs: number
  readonly count: number
}

function spansOn(wanted: number, trace: Trace): HeldSpan[] {
  const spans: HeldSpan[] = []
  trace.readFrom(0, (track, name, startMs, endMs, count) => {
    if (track === wanted) {
      spans.push({ name: trace.textOf(name), startUs: startMs * 1000, endUs: endMs * 1000, count })
    }
  })
  return spans
}

/** Microseconds in at least one of the spans. */
function coveredUs(spans: readonly HeldSpan[]): number {
  let [covered, takenTo] = [0, 0]
  for (const { startUs, endUs } of spans.toSorted((a, b) => a.startUs - b.startUs)) {
    covered += Math.max(0, endUs - Math.max(startUs, takenTo))
    takenTo = Math.max(takenTo, endUs)
  }
  return covered
}

/** As Perfetto reads a time. */
const nanoseconds = (us: number) => Math.trunc(us * 1000)

/** Viewers take the export whole: it parses, in order, spans of a track apart; and it says what the trace held. */
const opensInViewers = (exportOf: (trace: Trace) => string) =>
  fc.property(written, (what) => {
    const trace = traceOf(what)
    const events = eventsOf(exportOf(trace))
    const timed = events.filter(({ ph }) => ph !== 'M')
    for (const [index, event] of timed.entries()) {
      expect(event.ts).toBeGreaterThanOrEqual(timed[index - 1]?.ts ?? 0)
    }
    for (const [track, trackName] of trace.tracks.entries()) {
      const tid = track + 1
      expect(events.filter((event) => event.tid === tid && event.ph === 'M')).toEqual([
        expect.objectContaining({ name: 'thread_name', args: { name: trackName } }),
        expect.objectContaining({ name: 'thread_sort_index', args: { sort_index: track } }),
      ])
      const spans = spansOn(track, trace)
      const shown = timed.filter((event) => event.tid === tid)
      let before: ChromeEvent | undefined
      for (const event of shown) {
        expect(event.dur).toBeGreaterThan(0)
        expect(nanoseconds(event.dur)).toBeGreaterThan(0)
        if (before !== undefined) {
          expect(before.ts + before.dur).toBeLessThanOrEqual(event.ts)
          expect(nanoseconds(before.ts) + nanoseconds(before.dur)).toBeLessThanOrEqual(nanoseconds(event.ts))
        }
        before = event
        const within = spans.some(
          ({ name, startUs, endUs, count }) =>
            name === event.name &&
            startUs <= event.ts + TICK_US &&
            endUs >= event.ts + event.dur - 2 * TICK_US &&
            (count > 1 ? event.args.count === count : !('count' in event.args)),
        )
        expect(within).toBe(true)
      }
      const shownUs = shown.reduce((sum, { dur }) => sum + dur, 0)
      expect(Math.abs(shownUs - coveredUs(spans))).toBeLessThanOrEqual(2 * TICK_US * spans.length)
    }
    expect(timed.filter(({ ph }) => ph === 'C').map(({ name, args }) => [name, args.value])).toEqual(
      what.values
        .filter(({ value }) => Number.isFinite(value))
        .toSorted((a, b) => ticks(a.at) - ticks(b.at))
        .map(({ name, value }) => [name, value === 0 ? 0 : value]),
    )
  })

describe('chromeTrace', () => {
  it('opens in viewers', () => holds(opensInViewers(chromeTrace)))

  it.each(Object.keys(chromeTraces))('is caught when %s', (mistake) => fails(opensInViewers(chromeTraces[mistake]!)))

  it('writes the format', () => {
    const trace = new Trace({ spans: 8, tracks: ['physics', 'sound'] })
    trace.span(1, trace.name('play'), 2, 3.5)
    trace.counter(trace.name('used ms'), 2.25, 1.5)
    trace.span(0, trace.name('move'), 1, 2.0001, 40)
    expect(JSON.parse(chromeTrace(trace, { processName: 'game' }))).toEqual({
      traceEvents: [
        { name: 'process_name', cat: '__metadata', ph: 'M', ts: 0, pid: 1, tid: 0, args: { name: 'game' } },
        { name: 'thread_name', cat: '__metadata', ph: 'M', ts: 0, pid: 1, tid: 1, args: { name: 'physics' } },
        { name: 'thread_sort_index', cat: '__metadata', ph: 'M', ts: 0, pid: 1, tid: 1, args: { sort_index: 0 } },
        { name: 'thread_name', cat: '__metadata', ph: 'M', ts: 0, pid: 1, tid: 2, args: { name: 'sound' } },
        { name: 'thread_sort_index', cat: '__metadata', ph: 'M', ts: 0, pid: 1, tid: 2, args: { sort_index: 1 } },
        { name: 'move', cat: 'millrace', ph: 'X', ts: 1000, dur: 1000.125, pid: 1, tid: 1, args: { count: 40 } },
        { name: 'play', cat: 'millrace', ph: 'X', ts: 2000, dur: 1500, pid: 1, tid: 2, args: {} },
        { name: 'used ms', cat: 'millrace', ph: 'C', ts: 2250, pid: 1, tid: 0, args: { value: 1.5 } },
      ],
      displayTimeUnit: 'ms',
    })
  })

  it('gives the time that several claim to the one that began first, and what is left to the others', () => {
    const trace = new Trace({ spans: 8, tracks: ['physics'] })
    for (const [text, startMs, endMs] of [
      ['inner', 2, 3],
      ['late', 8, 12],
      ['outer', 1, 10],
      ['outer too', 1, 11],
    ] as const) {
      trace.span(0, trace.name(text), startMs, endMs)
    }
    const spans = eventsOf(chromeTrace(trace)).filter(({ ph }) => ph === 'X')
    expect(spans.map(({ name, ts, dur }) => [name, ts, dur])).toEqual([
      ['outer', 1000, 9000],
      ['outer too', 10000, 1000],
      ['late', 11000, 1000],
    ])
  })

  it('shows no time beyond a clock', () => {
    const trace = new Trace({ spans: 2, tracks: ['physics'] })
    trace.span(0, trace.name('for ever'), 0, 8.64e15)
    trace.span(0, trace.name('after'), 8.64e15 - 1, 8.64e15)
    for (const { ts, dur } of eventsOf(chromeTrace(trace)).filter(({ ph }) => ph === 'X')) {
      expect(Number.isFinite(ts + dur)).toBe(true)
    }
  })

  it('is empty but for its tracks when nothing is held', () => {
    const events = eventsOf(chromeTrace(new Trace({ spans: 0, tracks: ['physics'] })))
    expect(events.map(({ ph, args }) => [ph, args.name ?? args.sort_index])).toEqual([
      ['M', 'millrace'],
      ['M', 'physics'],
      ['M', 0],
    ])
  })
})
