import type { MonitorView } from '@millrace/pulse'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { type PulseFacts, pulseFrame, pulseLine } from '../../src/pulse/view/pulse-frame.ts'
import { createStyle } from '../../src/text/style.ts'
import { displayWidth, printable } from '../../src/text/width.ts'
import { pulseMetrics, view } from './made-up-pulse.ts'

const style = createStyle({ color: false, unicode: true })
const now = 1_000_000

const facts: PulseFacts = {
  metrics: pulseMetrics,
  health: { isHealthy: true, reasons: [] },
  checksPerSecond: 3312.4,
  incidents: [
    view('api', 'down', { incidentSince: now - 1500, reason: 'refuses connections' }),
    view('größe-日本', 'verifying', { incidentSince: now - 252_000, reason: 'answered 503' }),
  ],
  rssMb: 161,
  now,
}

const anyView = fc
  .record({
    name: fc.string({ unit: 'grapheme', minLength: 1 }),
    state: fc.constantFrom('down', 'degraded', 'verifying'),
    reason: fc.option(fc.string({ unit: 'grapheme' }), { nil: undefined }),
    incidentSince: fc.option(fc.nat(2 * now), { nil: undefined }),
  })
  .map(({ name, state, ...more }) => view(name, state, more))

const anyFacts: fc.Arbitrary<PulseFacts> = fc.record({
  metrics: fc.constantFrom(pulseMetrics, {
    ...pulseMetrics,
    interventions: { ...pulseMetrics.interventions, isStorm: true },
  }),
  health: fc.array(fc.string({ unit: 'grapheme', minLength: 1 }), { maxLength: 2 }).map((reasons) => ({
    isHealthy: reasons.length === 0,
    reasons,
  })),
  checksPerSecond: fc.double({ min: 0, max: 1e6, noNaN: true }),
  incidents: fc.array<MonitorView>(anyView, { maxLength: 5 }),
  rssMb: fc.double({ min: 0, max: 1e6, noNaN: true }),
  now: fc.constant(now),
})

/** No line is as wide as the terminal: a full line would make some terminals wrap, and the redraw flicker. */
function fits(frame: (given: PulseFacts, width: number) => readonly string[]) {
  return fc.property(anyFacts, fc.integer({ min: 20, max: 120 }), (given, width) => {
    const lines = frame(given, width)
    const incidents = given.incidents.length === 0 ? 0 : given.incidents.length + 1
    return (
      lines.length === 6 + given.health.reasons.length + incidents &&
      lines.every((line) => displayWidth(line) < width && printable(line) === line)
    )
  })
}

describe('the frame of a pulse', () => {
  it('shows states, checks, lateness, repairs, alerts and incidents', () => {
    expect(pulseFrame(facts, { width: 110, style })).toEqual([
      'Monitors   99,987 up · 3 down · 1 held · 1 needed · 1 pending · 3 verifying · 2 degraded · 2 disabled',
      'Checks     3,312/s · 45 under way · 6 waiting · 12 skipped · 3 our fault · 1 recovered · 161 MB',
      'Lateness   p50 0.8 ms · p99 2.4 ms · most 41 ms',
      'Latency    p50 3.1 ms · p99 12 ms · most 900 ms',
      'Repairs    1 under way · 1 waiting · 3 accepted · 1 refused · 1 unknown',
      'Alerts     14 delivered · 2 waiting · 1 given up · 5 tried again · 7 held back',
      'Incidents  11, the newest:',
      'down      api              1.5 s  refuses connections',
      'verifying größe-日本  4 min 12 s  answered 503',
    ])
  })

  it('says what is wrong with itself, and that a storm is held back', () => {
    const interventions = { ...pulseMetrics.interventions, isStorm: true }
    const given = { ...facts, metrics: { ...pulseMetrics, interventions }, incidents: [] }
    const health = { isHealthy: false, reasons: ['state is not kept: disk full\n\x1b[2J'] }
    const frame = pulseFrame({ ...given, health }, { width: 60, style })
    expect(frame.slice(4)).toEqual([
      'Repairs    held back: too many at once · 1 under way',
      'Alerts     14 delivered · 2 waiting · 1 given up',
      '✗ state is not kept: disk full \\x1b[2J',
    ])
  })

  it('says so where nothing has happened yet', () => {
    const none = { ...pulseMetrics.latenessMs, count: 0 }
    const zero = { accepted: 0, refused: 0, unknown: 0, underWay: 0, waiting: 0, isStorm: false }
    const alerts = { delivered: 0, retried: 0, dead: 0, suppressed: 0, waiting: 0 }
    const metrics = { ...pulseMetrics, latenessMs: none, latencyMs: none, interventions: zero, alerts }
    expect(pulseFrame({ ...facts, metrics, incidents: [] }, { width: 80, style }).slice(2)).toEqual([
      'Lateness   none yet',
      'Latency    none yet',
      'Repairs    none',
      'Alerts     none',
    ])
  })

  it('fits every terminal', () => {
    fc.assert(fits((given, width) => pulseFrame(given, { width, style })))
  })

  it('would notice a frame made for wide terminals only', () => {
    expect(fc.check(fits((given) => pulseFrame(given, { width: 120, style }))).failed).toBe(true)
  })
})

it('says the same as one line', () => {
  expect(pulseLine(facts)).toBe(
    '99,987 up, 3 down, 1 held, 1 needed, 1 pending, 3 verifying, 2 degraded, 2 disabled; 3,312 checks/s; lateness p99 2.4 ms; 2 alerts waiting',
  )
})
