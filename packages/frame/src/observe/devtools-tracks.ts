import { MillraceError } from '@millrace/kernel/errors'
import type { SpanVisitor, Trace } from '@millrace/kernel/observe/trace'
import { checkOneOf } from '@millrace/kernel/options'
import type { Subscription } from '@millrace/kernel/signal'
import type { BatchType } from '../batch-type.ts'
import type { BatchController } from '../frame.ts'

/** The colours that the performance panel has for entries of custom tracks. */
export type DevtoolsColor = `${'primary' | 'secondary' | 'tertiary'}${'' | '-light' | '-dark'}` | 'warning' | 'error'

/** What is needed of a `Window`, of a worker's global scope, or of Node. */
export interface DevtoolsWindow {
  readonly console?: {
    timeStamp?(label: string, startMs: number, endMs: number, track: string, group: string, color: string): void
  }
  readonly performance?: {
    measure?(name: string, options: { readonly start: number; readonly end: number; readonly detail: unknown }): unknown
    clearMeasures?(name: string): void
  }
  readonly navigator?: { readonly userAgent?: string }
}

export interface DevtoolsTracksOptions<Lane extends string = BatchType> {
  /** The track group that the lanes stand in. @default "Millrace" */
  readonly group?: string
  /** What shows them. @default `console.timeStamp` where it is known to take tracks, else `performance.measure` */
  readonly by?: 'timeStamp' | 'measure'
  /** Colours of lanes. @default blue, green and purple by turns, then darker, then lighter */
  readonly colors?: Readonly<Partial<Record<Lane, DevtoolsColor>>>
  /** Whose panel. @default that of this code */
  readonly window?: DevtoolsWindow
}

/** Writes spans down for the panel. */
interface Recorder {
  readonly onSpan: SpanVisitor
  /** What was written is complete for now. */
  flush?(): void
}

const COLORS: readonly DevtoolsColor[] = [
  'primary',
  'tertiary',
  'secondary',
  'primary-dark',
  'tertiary-dark',
  'secondary-dark',
  'primary-light',
  'tertiary-light',
  'secondary-light',
]
/** From here on all that React has for its own tracks is there in stable releases. */
const CHROMIUM_WITH_TRACKS = 136
/** Nothing is seen of it, and no measure of the page has it. */
const MARK = '\u200b'

/**
 * Shows what runs in the performance panel of Chrome's DevTools, until it is unsubscribed: a track for every lane, with a span for
 * every job, or for every group of small ones. It writes after each frame, outside of the budget.
 *
 * The controller keeps a trace, of at least the spans of one frame; and its clock is `performance.now()`, as it is by default.
 * `performance.measure` costs some ten times as much as `console.timeStamp`, and its entries are cleared after each frame.
 *
 * Chrome for Developers, "Customize your performance data with extensibility API".
 * @throws {MillraceError} `TRACE_DISABLED` when `traceSpans` is 0; `HOST_UNAVAILABLE`, `OPTION_INVALID`.
 */
export function devtoolsTracks<Lane extends string = BatchType>(
  controller: Pick<BatchController<Lane>, 'trace' | 'frameEnded'>,
  options: DevtoolsTracksOptions<Lane> = {},
): Subscription {
  const { trace, frameEnded } = controller
  if (trace === undefined) {
    throw new MillraceError(
      'TRACE_DISABLED',
      'devtoolsTracks: the controller keeps no trace; make it with traceSpans: 4096, or more where a frame has more spans',
    )
  }
  const recorder = recorderOf(trace, options)
  let cursor = trace.written
  return frameEnded.subscribe(() => {
    cursor = trace.readFrom(cursor, recorder.onSpan)
    recorder.flush?.()
  })
}

function recorderOf(trace: Trace, options: DevtoolsTracksOptions<string>): Recorder {
  const { group = 'Millrace', colors = {}, window = here() } = options
  const by = checkOneOf('devtoolsTracks', 'by', options.by ?? bestOf(window), ['timeStamp', 'measure'])
  const colorOf = trace.tracks.map((lane, index) => colors[lane] ?? COLORS[index % COLORS.length]!)
  return by === 'timeStamp' ? byTimeStamp(trace, window, group, colorOf) : byMeasure(trace, window, group, colorOf)
}

function byTimeStamp(trace: Trace, { console }: DevtoolsWindow, group: string, colorOf: readonly string[]): Recorder {
  const timeStamp = console?.timeStamp
  if (typeof timeStamp !== 'function') throw unavailable('console.timeStamp')
  return {
    onSpan(track, name, startMs, endMs, count) {
      const text = trace.textOf(name)
      const label = count > 1 ? `${text} ×${count}` : text
      timeStamp.call(console, label, startMs, endMs, trace.tracks[track]!, group, colorOf[track]!)
    },
  }
}

function byMeasure(trace: Trace, { performance }: DevtoolsWindow, group: string, colorOf: readonly string[]): Recorder {
  const { measure, clearMeasures } = performance ?? {}
  if (typeof measure !== 'function' || typeof clearMeasures !== 'function') throw unavailable('performance.measure')
  const written = new Set<string>()
  return {
    onSpan(track, name, start, end, count) {
      const text = MARK + trace.textOf(name)
      const properties = [['jobs', String(count)]]
      const devtools = {
        dataType: 'track-entry',
        track: trace.tracks[track],
        trackGroup: group,
        color: colorOf[track],
        properties,
      }
      measure.call(performance, text, { start, end, detail: { devtools } })
      written.add(text)
    },
    // The panel has seen them; in the page's own timeline they would be kept for ever.
    flush() {
      for (const text of written) clearMeasures.call(performance, text)
      written.clear()
    },
  }
}

/**
 * A function does not tell how many arguments it takes note of, and this one does not look at them unless the panel is recording: that
 * leaves the browser's version.
 */
function bestOf({ console, navigator }: DevtoolsWindow): 'timeStamp' | 'measure' {
  const version = /Chrome\/(\d+)/.exec(navigator?.userAgent ?? '')?.[1]
  return typeof console?.timeStamp === 'function' && Number(version) >= CHROMIUM_WITH_TRACKS ? 'timeStamp' : 'measure'
}

function here(): DevtoolsWindow {
  const globals: object = globalThis
  return globals as DevtoolsWindow
}

function unavailable(missing: string): MillraceError {
  return new MillraceError('HOST_UNAVAILABLE', `devtoolsTracks: there is no ${missing} here; leave the tracks out`, {
    detail: { owner: 'devtoolsTracks', missing },
  })
}
