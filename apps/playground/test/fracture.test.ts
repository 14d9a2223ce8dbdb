import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { launchChromium, noChromium } from '@millrace/pool/test/browser/chromium'
import type { Browser, BrowserContextOptions, Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type ServedPages, servePages } from './served-page.ts'
import { slicesOf, tellOf, threadSlices } from './slices-of.ts'

const pictureAt = (name: string) => join(tmpdir(), `millrace-fracture-${name}.png`)

/** Against hangs: a page that draws in software on a busy machine takes its time. */
const BOUND_MS = 180_000

if (noChromium === undefined) describe('the page of fractures, in Chromium', inChromium)
else {
  it('is not tested in a browser', ({ skip }) => {
    expect(process.env.CI, `${noChromium}; on CI there must be one`).toBeUndefined()
    skip(noChromium)
  })
}

function inChromium(): void {
  let pages: ServedPages
  let browser: Browser
  const faults: string[] = []

  const open = async (query: string, options: BrowserContextOptions = {}, url = pages.url): Promise<Page> => {
    const page = await browser.newPage({ viewport: { width: 800, height: 560 }, ...options })
    page.setDefaultTimeout(60_000)
    page.on('pageerror', (error) => faults.push(`${error}`))
    page.on('console', (message) => message.type() === 'error' && faults.push(message.text()))
    await page.goto(`${url}fracture/${query}`)
    await expect.poll(() => numberOf(page, 'whole')).toBeGreaterThan(0)
    return page
  }
  const textOf = async (page: Page, id: string) => (await page.locator(`#${id}`).textContent()) ?? ''
  const numberOf = async (page: Page, id: string) => Number.parseFloat((await textOf(page, id)).replaceAll(',', ''))
  const reaches = (page: Page, id: string, count: number) =>
    expect.poll(() => numberOf(page, id), { interval: 100 }).toBe(count)
  /** Breaks all that is whole, and waits until it is. */
  const breakAll = async (page: Page, count: number) => {
    await page.keyboard.press('Space')
    await reaches(page, 'fractures', count)
    expect(await numberOf(page, 'whole')).toBe(0)
    expect(await numberOf(page, 'flight')).toBe(0)
  }

  beforeAll(async () => {
    ;[pages, browser] = await Promise.all([servePages(), launchChromium()])
  })
  afterAll(async () => {
    await browser?.close()
    await pages?.[Symbol.asyncDispose]()
  })

  // Without a graphics card, drawing would take most of the CPU that is to be measured.
  it('breaks 500 things in one frame, and records what its frames took', { timeout: BOUND_MS }, async () => {
    const page = await open('?render=off&objects=100')
    expect(await textOf(page, 'mode')).toContain('over shared memory')
    await page.locator('body[data-rehearsed]').waitFor()
    await breakAll(page, 100)
    const cold = await slicesOf(page)
    await page.locator('[name=objects]').selectOption('500')
    await reaches(page, 'whole', 500)
    await page.click('#recount')
    const thread = await threadSlices(browser, page, () => breakAll(page, 600))
    const { fracture } = await slicesOf(page)
    console.log(
      [
        `500 things at once, as the page recorded it: ${tellOf(fracture)}`,
        `  of the thread's processor time: ${tellOf(thread.processor)}`,
        `  less the collector's: ${tellOf(thread.withoutCollector)}`,
        `100 things when the page was new: ${tellOf(cold.fracture)}`,
      ].join('\n'),
    )
    // Chromium has recorded the frames that the page has.
    expect(fracture.count).toBeGreaterThan(5)
    expect(thread.processor.count).toBe(fracture.count)
    expect(await textOf(page, 'frames')).toBe(`${fracture.long} of ${fracture.count} > 4 ms`)
    expect(await numberOf(page, 'pieces')).toBeGreaterThan(2000)

    // While it breaks, it is moved from one way of cutting to the other, and loses nothing.
    await page.locator('[name=objects]').selectOption('100')
    await reaches(page, 'whole', 100)
    await page.keyboard.press('Space')
    await page.locator('[name=memory]').uncheck({ force: true })
    await expect.poll(() => textOf(page, 'mode')).toContain('in messages, as you chose')
    await reaches(page, 'whole', 0)
    await page.keyboard.press('r')
    await reaches(page, 'whole', 100)
    await page.keyboard.press('Space')
    await page.locator('[name=cut]').uncheck({ force: true })
    await expect.poll(() => textOf(page, 'mode')).toContain('on the main thread')
    await reaches(page, 'fractures', 800)
    expect(new URL(page.url()).search).toBe('?objects=100&cut=main&memory=messages&render=off')
    await page.close()
    expect(faults).toEqual([])
  })

  it('goes on in messages where the page is not isolated, breaks what is clicked, and is used by keys alone', {
    timeout: BOUND_MS,
  }, async () => {
    const page = await open(
      '?render=off&objects=60&pattern=hammer&colour=red',
      { reducedMotion: 'reduce' },
      pages.plainUrl,
    )
    expect(await textOf(page, 'mode')).toContain('without isolation headers')
    expect(await page.evaluate('crossOriginIsolated')).toBe(false)
    expect((await textOf(page, 'notice')).split('\n')).toEqual([
      expect.stringMatching(/^The address says pattern=hammer, but pattern must be one of impact, random, /),
      expect.stringMatching(/^The address says colour, but this page knows only objects, pattern, /),
    ])
    // Somewhere along the floor stands something.
    for (let x = 20; (await numberOf(page, 'fractures')) === 0; x += 40) {
      await page.mouse.click(x, 515)
      await page.waitForTimeout(400)
    }
    expect(await numberOf(page, 'whole')).toBeLessThan(60)
    await page.keyboard.press('?')
    expect(await page.locator('#help').isVisible()).toBe(true)
    await page.keyboard.press('Escape')
    for (const key of ['2', 'b', 'p', 's', 'r']) await page.keyboard.press(key)
    expect(await page.locator('[name=pattern]:checked').inputValue()).toBe('manual-slices')
    expect(await page.locator('[aria-pressed=true]').count()).toBe(2)
    // A blade along the floor.
    await page.mouse.move(10, 515)
    await page.mouse.down()
    await page.mouse.move(410, 515, { steps: 8 })
    await page.mouse.up()
    await expect.poll(() => numberOf(page, 'fractures')).toBeGreaterThan(1)
    await page.keyboard.press('r')
    for (const _ of Array(12)) await page.keyboard.press('ArrowLeft')
    expect(await page.locator('#aim').isVisible()).toBe(true)
    await page.keyboard.press('Space')
    await reaches(page, 'whole', 0)
    await page.close()
    expect(faults).toEqual([])
  })

  it('draws, and fits a phone on which things are tapped', { timeout: BOUND_MS }, async () => {
    const page = await open('?objects=24', { hasTouch: true, viewport: { width: 480, height: 360 } })
    await page.screenshot({ path: pictureAt('desktop') })
    await page.setViewportSize({ width: 390, height: 780 })
    for (const y of [300, 360, 420]) await page.touchscreen.tap(190, y)
    await page.locator('#break').tap()
    await reaches(page, 'whole', 0)
    // Each thing once, and what a tap met of the pieces of one before it.
    const fractures = await numberOf(page, 'fractures')
    expect(fractures).toBeGreaterThanOrEqual(24)
    expect(fractures).toBeLessThanOrEqual(24 + 3)
    expect(await page.evaluate('document.documentElement.scrollWidth')).toBeLessThanOrEqual(390)
    await page.screenshot({ path: pictureAt('phone') })
    await page.close()
    expect(faults).toEqual([])
  })
}
