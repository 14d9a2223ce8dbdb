import { type Subscription, Trace, VirtualClock } from '@millrace/kernel'
import { fails, holds, messageOf } from '@millrace/kernel/test/property'
import fc from 'fast-check'
import { describe, expect, it, vi } from 'vitest'
import { BatchController } from '../../src/frame.ts'
import { devtoolsTracks } from '../../src/observe/devtools-tracks.ts'
import { forgetfulTracks } from '../mutants/forgetful-tracks.ts'
import { FakeDevtools, type TrackEntry } from './fake-devtools.ts'

const CHROME = 'Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/153.0.0.0 Safari/537.36'
const EARLIER_CHROME = CHROME.replace('153', '133')
const FIREFOX = 'Mozilla/5.0 (X11; Linux x86_64; rv:149.0) Gecko/20100101 Firefox/149.0'

function controllerOf(
  jobs: readonly { readonly type: string; readonly name: string; readonly ms: number }[],
  traceSpans = 64,
) {
  const clock = new VirtualClock()
  const lanes = ['Input', 'World', 'Sound']
  const controller = new BatchController<string>({ clock, clockTickMs: 0, budgetMs: 100, traceSpans, lanes })
  for (const { type, name, ms } of jobs) controller.register({ type, name, cost: 0.1, run: () => clock.advance(ms) })
  return controller
}

const JOBS = [
  { type: 'Input', name: 'read keys', ms: 1 },
  { type: 'Sound', name: 'mix', ms: 2 },
]

function spansOf(trace: Trace): Pick<TrackEntry, 'label' | 'track' | 'startMs' | 'endMs'>[] {
  const spans: ReturnType<typeof spansOf> = []
  trace.readFrom(0, (track, name, startMs, endMs) => {
    spans.push({ label: trace.textOf(name), track: trace.tracks[track]!, startMs, endMs })
  })
  return spans
}

const plain = ({ label, track, startMs, endMs }: TrackEntry) => ({
  label: label.replace('\u200b', ''),
  track,
  startMs,
  endMs,
})

/** Whatever runs in which frames: what the trace has held from the first frame looked at to the last is shown, in order, once. */
const showsAllOnce = (show: typeof devtoolsTracks, userAgent: string) =>
  fc.property(
    fc.array(
      fc.record({
        type: fc.constantFrom('Input', 'World', 'Sound'),
        name: fc.string(),
        ms: fc.integer({ min: 1, max: 9 }),
      }),
      {
        maxLength: 5,
      },
    ),
    fc.nat(3),
    fc.nat(4),
    fc.nat(3),
    (jobs, before, during, after) => {
      const controller = controllerOf(jobs, 256)
      const window = new FakeDevtools(userAgent)
      const run = (frames: number) => {
        for (let frame = 0; frame < frames; frame++) controller.runFrame()
        return spansOf(controller.trace!).length
      }
      const from = run(before)
      const subscription: Subscription = show(controller, { window })
      const to = run(during)
      subscription.unsubscribe()
      run(after)
      expect(window.entries.map(plain)).toEqual(spansOf(controller.trace!).slice(from, to))
      expect(window.measures).toEqual([])
    },
  )

describe('devtoolsTracks', () => {
  it('shows each span once, by time stamps', () => holds(showsAllOnce(devtoolsTracks, CHROME), 100))
  it('shows each span once, by measures', () => holds(showsAllOnce(devtoolsTracks, FIREFOX), 100))
  it('would not without a cursor', () => fails(showsAllOnce(forgetfulTracks, CHROME)))

  it('has a track for each lane, in one group, each in a colour of its own', () => {
    const controller = controllerOf([...JOBS, { type: 'World', name: 'move', ms: 3 }])
    const window = new FakeDevtools(CHROME)
    devtoolsTracks(controller, { window, colors: { World: 'warning' } })
    controller.runFrame()
    expect(window.entries).toEqual([
      { label: 'read keys', startMs: 0, endMs: 1, track: 'Input', group: 'Millrace', color: 'primary' },
      { label: 'move', startMs: 1, endMs: 4, track: 'World', group: 'Millrace', color: 'warning' },
      { label: 'mix', startMs: 4, endMs: 6, track: 'Sound', group: 'Millrace', color: 'secondary' },
    ])
  })

  it('tells how many jobs a span has', () => {
    const trace = new Trace({ spans: 4, tracks: ['Input'] })
    const { frameEnded } = controllerOf([])
    const [first, second] = [new FakeDevtools(CHROME), new FakeDevtools(FIREFOX)]
    const measure = vi.spyOn(second.performance, 'measure')
    for (const window of [first, second]) devtoolsTracks({ trace, frameEnded }, { window, group: 'Game' })
    trace.span(0, trace.name('small jobs'), 1, 2, 12)
    frameEnded.emit({ ...controllerOf([]).runFrame() })
    expect(first.entries[0]).toMatchObject({ label: 'small jobs ×12', group: 'Game' })
    expect(measure.mock.calls[0]?.[1].detail).toEqual({
      devtools: {
        dataType: 'track-entry',
        track: 'Input',
        trackGroup: 'Game',
        color: 'primary',
        properties: [['jobs', '12']],
      },
    })
  })

  it('takes time stamps where they are known to have tracks, and measures elsewhere', () => {
    const ways = [CHROME, CHROME.replace('Chrome', 'HeadlessChrome'), EARLIER_CHROME, FIREFOX, 'Node.js/24', ''].map(
      (agent) => {
        const controller = controllerOf(JOBS)
        const window = new FakeDevtools(agent)
        const [timeStamp, measure] = [vi.spyOn(window.console, 'timeStamp'), vi.spyOn(window.performance, 'measure')]
        devtoolsTracks(controller, { window })
        controller.runFrame()
        return [timeStamp.mock.calls.length, measure.mock.calls.length]
      },
    )
    expect(ways).toEqual([
      [2, 0],
      [2, 0],
      [0, 2],
      [0, 2],
      [0, 2],
      [0, 2],
    ])
    const window = new FakeDevtools(CHROME)
    const controller = controllerOf(JOBS)
    devtoolsTracks(controller, { window, by: 'measure' })
    controller.runFrame()
    expect(window.entries.map(({ label }) => label)).toEqual(['\u200bread keys', '\u200bmix'])
  })

  it('leaves the measures of the page alone', () => {
    const controller = controllerOf(JOBS)
    const window = new FakeDevtools(FIREFOX)
    window.measures = ['mix', 'load']
    devtoolsTracks(controller, { window })
    controller.runFrame()
    expect(window.measures).toEqual(['mix', 'load'])
    expect(window.entries.length).toBe(2)
  })

  it("works on this host's own timeline, and leaves nothing there", () => {
    const controller = new BatchController({ traceSpans: 64, clockTickMs: 0 })
    const work = () => {
      for (const until = performance.now() + 0.1; performance.now() < until; );
    }
    controller.register({ type: 'AI', name: 'think', cost: 0.1, run: work })
    const seen: string[] = []
    const measure = vi.spyOn(performance, 'measure')
    using _ = devtoolsTracks(controller)
    for (let frame = 0; frame < 3; frame++) controller.runFrame()
    for (const { value } of measure.mock.results) seen.push((value as { readonly name: string }).name)
    measure.mockRestore()
    expect(seen).toEqual(Array(3).fill('\u200bthink'))
    expect(performance.getEntriesByType('measure')).toEqual([])
  })

  it('is refused without a trace, and where there is nothing to show it by', async () => {
    const untraced = controllerOf(JOBS, 0)
    expect(await messageOf('TRACE_DISABLED', () => devtoolsTracks(untraced))).toMatch(/traceSpans/)
    const controller = controllerOf(JOBS)
    const show = (options: object) => devtoolsTracks(controller, options)
    await messageOf('HOST_UNAVAILABLE', () => show({ window: {} }))
    await messageOf('HOST_UNAVAILABLE', () => show({ window: { performance: { measure: () => undefined } } }))
    await messageOf('HOST_UNAVAILABLE', () => show({ window: { console: {} }, by: 'timeStamp' }))
    await messageOf('OPTION_INVALID', () => show({ by: 'log' }))
    expect(controller.frameEnded.size).toBe(0)
  })
})
