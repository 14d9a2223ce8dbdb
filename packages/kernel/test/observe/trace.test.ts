import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { Trace, type TraceOptions } from '../../src/observe/trace.ts'
import { NumberingTrace } from '../mutants/numbering-trace.ts'
import { StubbornTrace } from '../mutants/stubborn-trace.ts'
import { fails, holds, messageOf } from '../property.ts'

const TRACKS = ['physics', 'sound', 'sound']
const NAMES = ['move', 'hide', 'play 🎵', '']

/** A span or the value of a counter, by its texts. */
type Entry =
  | readonly [track: string, name: string, startMs: number, endMs: number, count: number]
  | readonly [name: string, atMs: number, value: number]

const time = fc.oneof(fc.nat(9), fc.double({ min: -1, max: 1e6 }), fc.constantFrom(-1, 1e16, Number.POSITIVE_INFINITY))
const name = fc.constantFrom(...NAMES)
const track = fc.nat(TRACKS.length - 1)
const span = fc.record({ do: fc.constant('span' as const), track, name, start: time, end: time, count: fc.nat() })
const counter = fc.record({ do: fc.constant('counter' as const), name, at: time, value: fc.double() })
const read = fc.record({ do: fc.constant('read' as const) })
const clear = fc.record({ do: fc.constant('clear' as const) })

function entriesOf(trace: Trace, cursor = 0): Entry[] {
  const entries: Entry[] = []
  trace.readFrom(
    cursor,
    (track, name, startMs, endMs, count) =>
      entries.push([trace.tracks[track]!, trace.textOf(name), startMs, endMs, count]),
    (name, atMs, value) => entries.push([trace.textOf(name), atMs, value]),
  )
  return entries
}

/** Writes an entry, and returns whether it ought to be held. */
function write(trace: Trace, entry: Entry): boolean {
  if (entry.length === 3) {
    const [name, atMs, value] = entry
    trace.counter(trace.name(name), atMs, value)
    return atMs >= 0 && atMs < 1e16 && Number.isFinite(value)
  }
  const [track, name, startMs, endMs, count] = entry
  trace.span(TRACKS.indexOf(track), trace.name(name), startMs, endMs, count)
  return startMs >= 0 && endMs > startMs && endMs < 1e16
}

/** Whatever is written, a trace holds the last of it, counts the rest, and gives a reader what is new to it. */
const holdsTheLast = (makeTrace: (options: TraceOptions) => Trace) =>
  fc.property(
    fc.nat(12),
    fc.array(
      fc.oneof(
        { weight: 12, arbitrary: span },
        { weight: 3, arbitrary: counter },
        { weight: 2, arbitrary: read },
        { weight: 1, arbitrary: clear },
      ),
      { maxLength: 80, size: 'max' },
    ),
    (capacity, steps) => {
      const trace = makeTrace({ spans: capacity, tracks: TRACKS })
      let [held, unread]: [Entry[], Entry[]] = [[], []]
      let [written, dropped, skipped, cursor] = [0, 0, 0, 0]
      for (const step of steps) {
        if (step.do === 'clear') {
          trace.clear()
          ;[held, unread, dropped, skipped] = [[], [], 0, 0]
        } else if (step.do === 'read') {
          expect(entriesOf(trace, cursor)).toEqual(unread)
          cursor = trace.readFrom(cursor, () => {})
          unread = []
        } else {
          const entry: Entry =
            step.do === 'span'
              ? [TRACKS[step.track]!, step.name, step.start, step.end, step.count]
              : [step.name, step.at, step.value]
          if (write(trace, entry)) {
            written++
            held.push(entry)
            unread.push(entry)
          } else skipped++
          if (held.length > capacity) {
            held.shift()
            dropped++
          }
          if (unread.length > capacity) unread.shift()
        }
        expect([trace.size, trace.written, trace.dropped, trace.skipped]).toEqual([
          held.length,
          written,
          dropped,
          skipped,
        ])
      }
      expect(entriesOf(trace)).toEqual(held)
    },
  )

const someEntries = fc.array(
  fc.oneof(
    fc.tuple(
      fc.constantFrom('physics', 'sound'),
      name,
      fc.nat(1),
      fc.constantFrom(2, 2.5),
      fc.integer({ min: 1, max: 2 }),
    ),
    fc.tuple(name, fc.nat(1), fc.nat(1)),
  ),
  { maxLength: 3 },
)

/** Bytes are equal exactly when what is held is, whatever was written and named before. */
const comparesByBytes = (makeTrace: (options: TraceOptions) => Trace) =>
  fc.property(
    someEntries,
    someEntries,
    fc.array(name),
    fc.nat(5),
    fc.boolean(),
    (entries, others, namedBefore, before, same) => {
      const [one, other] = [3, 8].map((spans) => makeTrace({ spans, tracks: TRACKS })) as [Trace, Trace]
      for (const text of namedBefore) other.name(text)
      for (let count = 0; count < before; count++) other.span(0, other.name('before'), count, count + 1)
      other.clear()
      for (const entry of entries) write(one, entry)
      for (const entry of same ? entries : others) write(other, entry)
      const alike = JSON.stringify(entriesOf(one)) === JSON.stringify(entriesOf(other))
      expect(Buffer.compare(one.toBytes(), other.toBytes()) === 0).toBe(alike)
    },
  )

describe('Trace', () => {
  it('holds the last of what is written', () => holds(holdsTheLast((options) => new Trace(options))))

  it('is caught when it keeps the first', () => fails(holdsTheLast((options) => new StubbornTrace(options))))

  it('compares by its bytes', () =>
    holds(
      comparesByBytes((options) => new Trace(options)),
      1000,
    ))

  it('is caught when they have the numbers of names', () =>
    fails(
      comparesByBytes((options) => new NumberingTrace(options)),
      1000,
    ))

  it('names a text once, for good', () => {
    const trace = new Trace({ spans: 1, tracks: [] })
    const names = [trace.name('move'), trace.name('hide'), trace.name('move')]
    trace.clear()
    expect([...names, trace.name('hide')]).toEqual([0, 1, 0, 1])
    expect(names.map((name) => trace.textOf(name))).toEqual(['move', 'hide', 'move'])
  })

  it('takes a span to stand for one thing', () => {
    const trace = new Trace({ spans: 1, tracks: ['physics'] })
    trace.span(0, trace.name('move'), 1, 2)
    expect(entriesOf(trace)).toEqual([['physics', 'move', 1, 2, 1]])
  })

  it('tells its most tracks and greatest count apart', () => {
    const tracks = Array.from({ length: 255 }, (_, track) => `track ${track}`)
    const trace = new Trace({ spans: 2, tracks })
    trace.span(254, trace.name('move'), 0, 1, 2 ** 32 - 1)
    trace.counter(trace.name('used ms'), 1, 2)
    expect(entriesOf(trace)).toEqual([
      ['track 254', 'move', 0, 1, 2 ** 32 - 1],
      ['used ms', 1, 2],
    ])
  })

  it('keeps the tracks it was made with', () => {
    const tracks = ['physics']
    const trace = new Trace({ spans: 1, tracks })
    tracks.push('sound')
    expect(trace.tracks).toEqual(['physics'])
  })

  it('refuses tracks and names that it does not have, and writes nothing then', async () => {
    const trace = new Trace({ spans: 1, tracks: ['physics'] })
    const name = trace.name('move')
    const message = (action: () => unknown) => messageOf('OPTION_INVALID', action)
    expect(await message(() => trace.span(1, name, 0, 1))).toBe(
      'Trace: there is no track 1; take an index of its tracks',
    )
    expect(await message(() => trace.span(0, 7, 0, 1))).toBe(
      'Trace: there is no name 7; take a number that name() gave',
    )
    for (const wrong of [-1, 1, Number.NaN]) {
      await message(() => trace.span(wrong, name, 0, 1))
      await message(() => trace.counter(wrong, 0, 1))
      await message(() => trace.textOf(wrong))
    }
    expect(trace.written).toBe(0)
  })

  it('refuses options out of bounds', async () => {
    expect(await messageOf('OPTION_INVALID', () => new Trace({ spans: -1, tracks: [] }))).toBe(
      'Trace: spans must be an integer of at least 0 and at most 134217728, not -1',
    )
    await messageOf('OPTION_INVALID', () => new Trace({ spans: 1, tracks: new Array(256).fill('') }))
  })
})
