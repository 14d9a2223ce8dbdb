import { VirtualClock } from '@millrace/kernel'
import type { MonitorView, Pulse, PulseEvent } from '@millrace/pulse'
import { describe, expect, it } from 'vitest'
import type { Screen } from '../../src/progress/screen.ts'
import { CheckRate } from '../../src/pulse/view/check-rate.ts'
import { FewLines } from '../../src/pulse/view/few-lines.ts'
import { jsonPulseView } from '../../src/pulse/view/json-changes.ts'
import { NewestIncidents } from '../../src/pulse/view/newest-incidents.ts'
import { livePulseView, plainPulseView } from '../../src/pulse/view/pulse-view.ts'
import { createStyle } from '../../src/text/style.ts'
import { change, pulseMetrics, view } from './made-up-pulse.ts'

const style = createStyle({ color: false, unicode: true })

/** A pulse as far as views look at it: monitors by name, and what is told of them. */
class ToldPulse {
  readonly monitors = new Map<string, MonitorView>()
  readonly listeners = new Set<(event: PulseEvent) => void>()
  searches = 0
  metrics = pulseMetrics
  readonly health = { isHealthy: true, reasons: [] }

  find(name: string): MonitorView | undefined {
    return this.monitors.get(name)
  }

  list(): readonly MonitorView[] {
    this.searches++
    return [...this.monitors.values()].filter(({ state }) => state !== 'up')
  }

  onChange(listener: (event: PulseEvent) => void): () => void {
    this.listeners.add(listener)
    return () => this.listeners.delete(listener)
  }

  /** A monitor changes, and that is told. */
  change(event: PulseEvent): void {
    this.monitors.set(event.monitor, view(event.monitor, event.to, { incidentSince: event.at, reason: event.reason }))
    for (const listener of this.listeners) listener(event)
  }

  get asPulse(): Pulse {
    return this as unknown as Pulse
  }
}

function recordingScreen() {
  const notes: string[] = []
  const frames: (readonly string[])[] = []
  const screen: Screen = {
    note: (line) => void notes.push(line),
    draw: (lines) => void frames.push(lines),
    close: () => {},
  }
  return { screen, notes, frames }
}

describe('the newest incidents', () => {
  it('are those that began last, as they are now', () => {
    const pulse = new ToldPulse()
    const incidents = new NewestIncidents(pulse)
    pulse.onChange((event) => incidents.hear(event))
    for (const name of ['a', 'b', 'c', 'd']) pulse.change(change(name, 'up', 'degraded'))
    pulse.change(change('a', 'degraded', 'down'))
    pulse.change(change('c', 'degraded', 'up'))
    pulse.monitors.delete('d')
    const newest = incidents.newest(10, 2, 0)
    expect(newest.map(({ name, state }) => [name, state])).toEqual([
      ['b', 'degraded'],
      ['a', 'down'],
    ])
    expect(pulse.searches).toBe(0)
  })

  it('are looked for where more are ill than were heard of, but not at every look', () => {
    const pulse = new ToldPulse()
    const incidents = new NewestIncidents(pulse)
    pulse.monitors.set('old', view('old', 'down', { incidentSince: 1 }))
    pulse.monitors.set('new', view('new', 'down', { incidentSince: 2 }))
    pulse.monitors.set('well', view('well', 'up'))
    expect(incidents.newest(10, 2, 0).map(({ name }) => name)).toEqual(['new', 'old'])
    for (let ms = 0; ms < 4000; ms += 250) incidents.newest(10, 3, ms)
    expect(pulse.searches).toBe(1)
  })

  it('remember a bounded number', () => {
    const pulse = new ToldPulse()
    const incidents = new NewestIncidents(pulse)
    pulse.onChange((event) => incidents.hear(event))
    for (let number = 0; number < 3000; number++) pulse.change(change(`m${number}`, 'up', 'down'))
    expect(incidents.newest(5000, 1000, 0)).toHaveLength(1000)
    expect(incidents.newest(1, 3000, 0)[0]?.name).toBe('m2999')
  })
})

describe('the live view', () => {
  it('draws four frames a second with as many incidents as there is room for', () => {
    const clock = new VirtualClock()
    const pulse = new ToldPulse()
    const { screen, frames } = recordingScreen()
    const ports = { pulse: pulse.asPulse, screen, clock, rssMb: () => 100 }
    const live = livePulseView(ports, { style, width: () => 80, rows: () => 14 })
    for (const name of ['a', 'b', 'c', 'd', 'e']) pulse.change(change(name, 'up', 'down'))
    clock.advance(1000)
    expect(frames).toHaveLength(5)
    expect(
      frames
        .at(-1)
        ?.slice(-3)
        .map((line) => line.slice(0, 12).trim()),
    ).toEqual(['down      e', 'down      d', 'down      c'])
    live.stop()
    clock.advance(1000)
    expect(frames).toHaveLength(5)
    expect(pulse.listeners.size).toBe(0)
  })
})

describe('the plain view', () => {
  it('has a line for each change, one every ten seconds, and no flood', () => {
    const clock = new VirtualClock()
    const pulse = new ToldPulse()
    const { screen, notes } = recordingScreen()
    const plain = plainPulseView({ pulse: pulse.asPulse, screen, clock, rssMb: () => 100 })
    pulse.change(change('a', 'up', 'down'))
    expect(notes).toEqual(['a is down, was up: refuses connections'])
    for (let number = 0; number < 5000; number++) pulse.change(change(`m${number}`, 'up', 'down'))
    clock.advance(1000)
    expect(notes).toHaveLength(21)
    expect(notes.at(-1)).toBe('and 4,981 more changes')
    pulse.metrics = { ...pulseMetrics, checks: { ...pulseMetrics.checks, started: pulseMetrics.checks.started + 120 } }
    clock.advance(9000)
    expect(notes.at(-1)).toMatch(/^99,987 up, 3 down.*; 12 checks\/s; /)
    plain.stop()
    expect([pulse.listeners.size, clock.pending]).toEqual([0, 0])
  })
})

describe('few lines', () => {
  it('write as many again in the next second, and tell at the end what is left', () => {
    const clock = new VirtualClock()
    const written: string[] = []
    const lines = new FewLines({ write: (line) => void written.push(line), clock, what: 'lines', most: 2 })
    for (const second of [1, 2]) {
      for (let number = 0; number < 3; number++) lines.write(() => `${second}.${number}`)
      if (second === 1) clock.advance(1000)
    }
    lines[Symbol.dispose]()
    expect(written).toEqual(['1.0', '1.1', 'and 1 more lines', '2.0', '2.1', 'and 1 more lines'])
    expect(clock.pending).toBe(0)
  })
})

describe('changes as JSON', () => {
  it('are a line each; of a reader that is too slow it is told how many are missing', () => {
    const pulse = new ToldPulse()
    const written: string[] = []
    const stream = { writableLength: 0, write: (text: string) => void written.push(text) }
    const json = jsonPulseView(pulse, stream)
    pulse.change({ ...change('a', 'up', 'down'), code: 'red' })
    stream.writableLength = 2 ** 25
    pulse.change(change('b', 'up', 'down'))
    pulse.change(change('c', 'up', 'down'))
    stream.writableLength = 0
    pulse.change(change('d', 'up', 'down'))
    json.stop()
    expect(written.map((line) => JSON.parse(line))).toEqual([
      { event: 'change', monitor: 'a', from: 'up', to: 'down', code: 'red', reason: 'refuses connections', at: 5000 },
      { event: 'changes-lost', count: 2 },
      { event: 'change', monitor: 'd', from: 'up', to: 'down', code: null, reason: 'refuses connections', at: 5000 },
    ])
    expect(pulse.listeners.size).toBe(0)
  })
})

it('takes the rate of checks over the last five seconds', () => {
  const rate = new CheckRate()
  expect(rate.sample(100, 0)).toBe(0)
  expect(rate.sample(200, 1000)).toBe(100)
  for (let second = 2; second <= 20; second++) rate.sample(200, second * 1000)
  expect(rate.sample(250, 21_000)).toBe(10)
})
