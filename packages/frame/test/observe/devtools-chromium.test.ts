import { launchChromium, noChromium } from '@millrace/pool/test/browser/chromium'
import { build } from 'esbuild'
import type { Browser, CDPSession, Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'

/** An event of Chromium's trace, from which the performance panel makes its entries. */
interface TraceEvent {
  readonly name: string
  readonly cat: string
  readonly ph: string
  readonly args: { readonly detail?: string; readonly data?: Readonly<Record<string, unknown>> }
}

/** Two frames of a system in lane AI, shown in the panel; returns the measures that are left. */
const PAGE = `import { BatchController, devtoolsTracks } from '@millrace/frame'
globalThis.runFrames = (options) => {
  const controller = new BatchController({ traceSpans: 16, budgetMs: 100 })
  const run = () => { for (const until = performance.now() + 1; performance.now() < until; ); }
  controller.register({ name: 'think', type: 'AI', cost: 0.1, run })
  const tracks = devtoolsTracks(controller, options)
  for (let frame = 0; frame < 2; frame++) controller.runFrame()
  tracks.unsubscribe()
  controller.runFrame()
  return performance.getEntriesByType('measure').length
}`

if (noChromium === undefined) describe('devtoolsTracks in Chromium', inChromium)
else {
  it('is not tested in a browser', ({ skip }) => {
    expect(process.env.CI, `${noChromium}; on CI there must be one`).toBeUndefined()
    skip(noChromium)
  })
}

function inChromium(): void {
  let browser: Browser
  let page: Page
  let devtools: CDPSession
  beforeAll(async () => {
    const bundle = build({
      stdin: { contents: PAGE, resolveDir: import.meta.dirname },
      bundle: true,
      write: false,
      format: 'esm',
      conditions: ['millrace-source'],
    })
    browser = await launchChromium()
    page = await browser.newPage()
    await page.addScriptTag({ type: 'module', content: (await bundle).outputFiles[0]!.text })
    await page.waitForFunction('globalThis.runFrames !== undefined')
    devtools = await page.context().newCDPSession(page)
  })
  afterAll(() => browser?.close())

  /** What a recording of the panel gets to see of two frames. */
  async function recordFrames(options: object): Promise<{ events: TraceEvent[]; measures: unknown }> {
    const events: TraceEvent[] = []
    const take = ({ value }: { value: object[] }) => events.push(...(value as TraceEvent[]))
    devtools.on('Tracing.dataCollected', take)
    const traceConfig = { includedCategories: ['devtools.timeline', 'blink.user_timing'] }
    await devtools.send('Tracing.start', { transferMode: 'ReportEvents', traceConfig })
    const measures = await page.evaluate(`runFrames(${JSON.stringify(options)})`)
    const complete = new Promise((resolve) => devtools.once('Tracing.tracingComplete', resolve))
    await devtools.send('Tracing.end')
    await complete
    devtools.off('Tracing.dataCollected', take)
    return { events, measures }
  }

  it('has its spans on tracks, by time stamps, for it knows that they take them', async () => {
    const { events, measures } = await recordFrames({})
    const entries = events.flatMap(({ name, args }) => (name === 'TimeStamp' ? [args.data] : []))
    const entry = { name: 'think', track: 'AI', trackGroup: 'Millrace', color: 'tertiary-dark' }
    expect(entries).toMatchObject([entry, entry])
    for (const entry of entries) expect(Number(entry?.end) - Number(entry?.start)).toBeGreaterThanOrEqual(1000)
    expect(measures).toBe(0)
  })

  it('has them by measures too, none of which is left', async () => {
    const { events, measures } = await recordFrames({ by: 'measure' })
    const entries = events.filter(
      ({ name, cat, ph }) => name === '\u200bthink' && cat === 'blink.user_timing' && ph === 'b',
    )
    expect(entries.map(({ args }) => JSON.parse(args.detail ?? '').devtools)).toEqual(
      Array(2).fill({
        dataType: 'track-entry',
        track: 'AI',
        trackGroup: 'Millrace',
        color: 'tertiary-dark',
        properties: [['jobs', '1']],
      }),
    )
    expect(measures).toBe(0)
  })
}
