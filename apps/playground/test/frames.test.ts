import { readFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { launchChromium, noChromium } from '@millrace/pool/test/browser/chromium'
import type { Browser, Locator, Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type ServedPages, servePages } from './served-page.ts'

/** Where the screenshot stays, if anywhere. */
const PICTURE = process.env.MILLRACE_PICTURE ?? join(tmpdir(), 'millrace-frames.png')
const LANES = ['Transform', 'Visibility', 'Physics', 'LOD', 'AI']

if (noChromium === undefined) describe('the page of frames, in Chromium', inChromium)
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

  const open = async (query: string): Promise<Page> => {
    const page = await browser.newPage({ viewport: { width: 800, height: 560 } })
    page.setDefaultTimeout(60_000)
    page.on('pageerror', (error) => faults.push(`${error}`))
    page.on('console', (message) => message.type() === 'error' && faults.push(message.text()))
    await page.goto(`${pages.url}frames/${query}`)
    return page
  }
  const textOf = (page: Page, id: string) => read(page.locator(`#${id}`))
  /** The page's count of frames over budget, and of all. */
  const countsOf = async (page: Page) => [
    numberIn(await textOf(page, 'over')),
    numberIn((await textOf(page, 'worst')).slice('of '.length)),
  ]
  /** Waits until the page has counted so many frames since the last recount. */
  const frames = (page: Page, count: number) =>
    expect.poll(async () => (await countsOf(page))[1], { interval: 100 }).toBeGreaterThanOrEqual(count)

  beforeAll(async () => {
    ;[pages, browser] = await Promise.all([servePages(), launchChromium()])
  })
  afterAll(async () => {
    await browser?.close()
    await pages?.[Symbol.asyncDispose]()
  })

  // Without a graphics card, drawing would take most of the CPU that is to be measured.
  it('runs five systems over 10,000 entities within the budget, counts its frames, and records them', async () => {
    const page = await open('?render=off')
    await frames(page, 30)
    await page.click('#recount')
    await page.click('#record')
    await frames(page, 120)
    const [over, all] = await countsOf(page)
    const share = numberIn(await textOf(page, 'share'))
    console.log(
      `${over} ${await textOf(page, 'worst')} over 2.5 ms; mean ${await textOf(page, 'used')}, ` +
        `${share} % used, ${await textOf(page, 'rate')} frames a second`,
    )
    expect(over).toBeLessThanOrEqual(all!)
    expect(share).toBeGreaterThan(1)
    expect(share).toBeLessThan(1000)

    await page.locator('#recording').waitFor()
    const [download] = await Promise.all([page.waitForEvent('download'), page.click('#download')])
    const { traceEvents } = JSON.parse(await readFile(await download.path(), 'utf8'))
    const lanes = traceEvents.filter((event: { name: string }) => event.name === 'thread_name')
    expect(lanes.map((event: { args: { name: string } }) => event.args.name)).toEqual(LANES)
    const ran = new Set(traceEvents.map((event: { ph: string; name: string }) => event.ph === 'X' && event.name))
    expect([...ran]).toEqual(expect.arrayContaining(['transform', 'cull', 'swim']))
    await page.close()
    expect(faults).toEqual([])
  })

  it.each(['strict', 'shared'])('visits every entity, and loses no job, when there is time: %s', async (policy) => {
    const page = await open(`?render=off&entities=1000&budget=8&policy=${policy}`)
    await frames(page, 60)
    // A job for every fish that waits for none.
    await page.click('#replan')
    await page.click('#splash')
    for (const lane of LANES) {
      const stalest = page.locator(`[data-lane=${lane}] td`).nth(2)
      // After so many frames, whatever was never visited would have waited longer.
      await expect.poll(async () => secondsIn(await read(stalest))).toBeLessThan(0.75)
    }
    // Each is done once, and none is lost: when none waits, as many are done as were submitted.
    const books = async () => {
      const [submitted = 0, done] = (await textOf(page, 'jobs')).split(' submitted, ').map(numberIn)
      return submitted >= 1000 ? submitted - done! : 'too few'
    }
    await expect.poll(books, { interval: 20 }).toBe(0)
    await page.close()
    expect(faults).toEqual([])
  })

  it('goes on without Millrace, with other numbers of fish and budgets, and draws', async () => {
    const page = await open('?render=off&entities=1000')
    await page.locator('[name=budget]').fill('4')
    await page.locator('[name=entities]').selectOption('2000')
    await page.locator('[name=millrace]').uncheck({ force: true })
    expect(new URL(page.url()).search).toBe('?entities=2000&budget=4&millrace=off&render=off')
    await frames(page, 3)
    await page.locator('[name=millrace]').check({ force: true })
    await page.locator('[value=strict]').check({ force: true })
    await page.locator('#sea').click({ position: { x: 200, y: 300 } })
    await page.locator('[name=render]').check({ force: true })
    await frames(page, 3)
    await page.screenshot({ path: PICTURE })
    console.log(`a picture is in ${PICTURE}`)
    await page.close()
    expect(faults).toEqual([])
  })

  it('says in a sentence what it cannot use of its address', async () => {
    const page = await open('?render=off&entities=lots&budget=-1&policy=fair&fish=3')
    const notice = page.locator('#notice')
    await notice.waitFor()
    expect((await read(notice)).split('\n')).toEqual([
      'The address says entities=lots, but entities must be a whole number from 1 to 200,000.',
      'The address says budget=-1, but budget must be milliseconds from 0.5 to 16.',
      'The address says policy=fair, but policy must be strict or shared.',
      'The address says fish, but this page knows only entities, budget, policy, millrace, render.',
    ])
    await frames(page, 3)
    await page.close()
    expect(faults).toEqual([])
  })
}

async function read(locator: Locator): Promise<string> {
  return (await locator.textContent()) ?? ''
}

function numberIn(text: string): number {
  return Number(text.replaceAll(',', '').replace(/[^\d.].*$/, ''))
}

/** Of a text like `120 ms` or `1.5 s`. */
function secondsIn(text: string): number {
  return numberIn(text) / (text.endsWith('ms') ? 1000 : 1)
}
