import type { Browser, Page } from 'playwright-core'
import { type SliceFigures, Slices } from '../src/fracture/drive/slices.ts'

/** What of the main thread's time frames took that broke something. */
export interface RecordedSlices {
  /** Handing polygons over, and taking pieces in: ours alone. */
  readonly fracture: SliceFigures
  /** The page's own systems, physics first, within their budget. */
  readonly systems: SliceFigures
  readonly drawing: SliceFigures
}

/** Of the same slices as the page has recorded on the wall: what Chromium has recorded of the thread. */
export interface ThreadSlices {
  /** The thread's processor time: without what the system gave to others meanwhile. */
  readonly processor: SliceFigures
  /** The same without the garbage collector's part. */
  readonly withoutCollector: SliceFigures
}

/** What of a trace event matters here; µs. */
interface TraceEvent {
  readonly name: string
  readonly ph: string
  readonly tid: number
  readonly ts: number
  readonly dur?: number
  /** By the thread's processor time. */
  readonly tts?: number
  readonly tdur?: number
  readonly args?: { readonly data?: { readonly message?: string } }
}

const CATEGORIES = ['devtools.timeline', 'v8', 'disabled-by-default-v8.gc']

/** Reads what the page of fractures has recorded itself: it writes that a few times a second. */
export async function slicesOf(page: Page): Promise<RecordedSlices> {
  return JSON.parse((await page.locator('#slice-tile').getAttribute('data-slices')) ?? '')
}

/** Lets Chromium record while `act` runs, and returns what it has recorded of the slices for fractures. */
export async function threadSlices(browser: Browser, page: Page, act: () => Promise<void>): Promise<ThreadSlices> {
  await browser.startTracing(page, { categories: CATEGORIES })
  await act()
  const { traceEvents } = JSON.parse(`${await browser.stopTracing()}`) as { readonly traceEvents: TraceEvent[] }
  const events = traceEvents.toSorted((a, b) => a.ts - b.ts)
  const [processor, withoutCollector] = [new Slices(), new Slices()]
  let begun: TraceEvent | undefined
  let collectorMs = 0
  let collectedUntil = 0
  for (const event of events) {
    const message = event.name === 'TimeStamp' ? event.args?.data?.message : undefined
    if (message === 'fracture begins') {
      begun = event
      collectorMs = 0
    } else if (begun === undefined || event.tid !== begun.tid) continue
    else if (message === 'fracture ends') {
      const ms = ((event.tts ?? 0) - (begun.tts ?? 0)) / 1000
      processor.record(ms)
      withoutCollector.record(Math.max(0, ms - collectorMs))
      begun = undefined
    } else if (event.ph === 'X' && event.name.startsWith('V8.GC') && event.ts >= collectedUntil) {
      // Steps of the collector lie within one another: the outermost counts.
      collectedUntil = event.ts + (event.dur ?? 0)
      collectorMs += (event.tdur ?? 0) / 1000
    }
  }
  return { processor: processor.figures, withoutCollector: withoutCollector.figures }
}

/** In one line. */
export function tellOf({ count, long, p50, p95, p99, max }: SliceFigures): string {
  const [half, most, nearlyAll, longest] = [p50, p95, p99, max].map((ms) => ms.toFixed(2))
  return `${count} frames: p50 ${half}, p95 ${most}, p99 ${nearlyAll}, longest ${longest} ms; ${long} over 4 ms`
}
