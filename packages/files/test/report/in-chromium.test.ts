import { mkdirSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { launchChromium, noChromium } from '@millrace/pool/test/browser/chromium'
import type { Browser, BrowserContext, Page } from 'playwright-core'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { FolderTree } from '../../src/report/folder-tree.ts'
import { reportPage } from '../../src/report/report-page.ts'
import { HOSTILE, sampleReport } from './sample-report.ts'

/** Where pictures of the last run lie, to be looked at. */
const PICTURES = join(tmpdir(), 'millrace-report-pictures')
/** Against hangs: the machine may be busy. */
const LONGEST_MS = 60_000

if (noChromium === undefined) describe('the report in Chromium', { timeout: 240_000 }, inChromium)
else {
  it('is not tested in a browser', ({ skip }) => {
    expect(process.env.CI, `${noChromium}; on CI there must be one`).toBeUndefined()
    skip(noChromium)
  })
}

function inChromium(): void {
  let browser: Browser
  let context: BrowserContext
  let page: Page
  /** What the page asked of others, and what it complained of. */
  let requests: string[]
  let complaints: string[]

  beforeAll(async () => {
    mkdirSync(PICTURES, { recursive: true })
    browser = await launchChromium()
  })
  afterAll(() => browser?.close())

  beforeEach(async () => {
    requests = []
    complaints = []
    context = await browser.newContext({ viewport: { width: 1280, height: 900 }, offline: true })
    page = await context.newPage()
    page.setDefaultTimeout(LONGEST_MS)
    page.on('request', (request) => requests.push(request.url()))
    page.on('console', (message) => {
      if (['error', 'warning'].includes(message.type())) complaints.push(message.text())
    })
    page.on('pageerror', (error) => complaints.push(String(error)))
    page.on('dialog', (dialog) => {
      complaints.push(`dialog: ${dialog.message()}`)
      void dialog.dismiss()
    })
  })
  afterEach(() => context.close())

  /** Opens a report as a file, without a network. */
  async function open(name: string, html: string): Promise<string> {
    const file = join(PICTURES, `${name}.html`)
    writeFileSync(file, html)
    const url = pathToFileURL(file).href
    await page.goto(url)
    await page.locator('.tiles button').first().waitFor()
    return url
  }
  const trail = () => page.locator('nav').textContent()
  const picture = (name: string) => page.screenshot({ path: join(PICTURES, `${name}.png`), fullPage: true })

  it('opens from a disk, asks for nothing, complains of nothing, and takes names as text', async () => {
    const url = await open('small', reportPage(sampleReport()))
    await picture('light')
    expect(requests.filter((request) => request !== url && !request.startsWith('data:'))).toEqual([])
    expect(complaints).toEqual([])
    const text = await page.locator('main').textContent()
    expect(text).toContain(HOSTILE.path)
    expect(text).toContain('it says </script><script>alert(3)</script> <!-- and')
    expect(await page.locator('h1').textContent()).toContain('script>')
    expect(await page.locator('img, main script, b > b').count()).toBe(0)
  })

  it('is drawn in the dark, and on a narrow screen without scrolling sideways', async () => {
    await page.emulateMedia({ colorScheme: 'dark' })
    await open('small', reportPage(sampleReport()))
    await picture('dark')
    await page.setViewportSize({ width: 390, height: 800 })
    await picture('narrow')
    const overflow = 'document.documentElement.scrollWidth - document.documentElement.clientWidth'
    expect(await page.evaluate(overflow)).toBe(0)
    expect(complaints).toEqual([])
  })

  it('goes into a folder by a click or the keyboard, and out of it', async () => {
    await open('small', reportPage(sampleReport()))
    await page.locator('.tiles > button.folder').filter({ hasText: 'packages/' }).click()
    expect(await trail()).toMatch(/packages.*200 files/s)
    const parts = await page.locator('.tiles > button').count()
    expect(parts).toBe(23)
    // The first tile has the focus: Enter goes into it, Escape out of it.
    await page.keyboard.press('Enter')
    expect(await trail()).toMatch(/packages.*part-\d+/s)
    await page.keyboard.press('Escape')
    expect(await page.locator('.tiles > button').count()).toBe(parts)
    await page.locator('nav button').first().click()
    expect(await trail()).toContain('202 files')
    expect(complaints).toEqual([])
  })

  it('is one stop for the tabulator; arrows go from tile to tile, and what a tile stands for is told', async () => {
    await open('small', reportPage(sampleReport()))
    const focused = () => page.evaluate<string | null>(`document.activeElement.getAttribute('aria-label')`)
    expect(await page.locator('.tiles > button[tabindex="0"]').count()).toBe(1)
    await page.locator('.tiles > button').first().focus()
    expect(await focused()).toMatch(/^packages\/: .*200 files$/)
    await page.keyboard.press('End')
    const last = await focused()
    await page.keyboard.press('Tab')
    expect(await page.evaluate('document.activeElement.tagName')).toBe('SUMMARY')
    await page.keyboard.press('Shift+Tab')
    expect(await focused()).toBe(last)
    expect(await page.locator('#told').textContent()).toBe(last)
    await page.keyboard.press('ArrowLeft')
    expect(await focused()).toMatch(/^packages\//)
    // Back from a folder the focus is where it was.
    await page.keyboard.press('Enter')
    await page.keyboard.press('ArrowRight')
    await page.keyboard.press('Enter')
    await page.keyboard.press('Escape')
    const back = await focused()
    expect(back).toMatch(/^part-\d+\//)
    expect(back).not.toBe(await page.locator('.tiles > button').first().getAttribute('aria-label'))
    expect(complaints).toEqual([])
  })

  it('is a table too, which is gone through by its buttons', async () => {
    await open('small', reportPage(sampleReport()))
    await page.locator('#as-table summary').click()
    const rows = page.locator('#as-table tbody tr')
    // It is filled when the page hears that it was opened, which is after the click.
    await rows.first().waitFor()
    expect(await rows.count()).toBe(await page.locator('.tiles > button').count())
    expect(await rows.first().textContent()).toMatch(/^packages\/200/)
    await page.locator('#as-table td button').first().click()
    expect(await rows.count()).toBe(23)
    expect(await trail()).toMatch(/packages.*200 files/s)
    expect(complaints).toEqual([])
  })

  it.each(['light', 'dark'] as const)('every name on a tile can be read, %s', async (colorScheme) => {
    await page.emulateMedia({ colorScheme })
    await open('small', reportPage(sampleReport(2000)))
    await page.locator('.tiles > button').first().click()
    const contrasts = await page.evaluate<number[]>(`(() => {
      const luminance = (colour) => {
        const [r, g, b] = colour.match(/[\\d.]+/g).map((part) => (part <= 10 ? part / 3294.6 : ((part / 255 + 0.055) / 1.055) ** 2.4))
        return 0.2126 * r + 0.7152 * g + 0.0722 * b
      }
      return [...document.querySelectorAll('.tiles button, .tiles i')].map((tile) => {
        const { color, backgroundColor } = getComputedStyle(tile)
        const [one, other] = [luminance(color), luminance(backgroundColor)].sort((a, b) => b - a)
        return (one + 0.05) / (other + 0.05)
      })
    })()`)
    expect(contrasts.length).toBeGreaterThan(100)
    expect(Math.min(...contrasts)).toBeGreaterThan(4.5)
  })

  it('of a tree without files it says so, and draws no map', async () => {
    const none = { discovered: 0, delivered: 0, quarantined: 0, excluded: 0 }
    const lists = {
      languages: [],
      imports: [],
      slowest: [],
      largest: [],
      functions: [],
      quarantine: [],
      exclusions: [],
    }
    const data = { ...sampleReport(), ...lists, books: none, tree: new FolderTree().pruned(), quarantineCodes: [] }
    const file = join(PICTURES, 'empty.html')
    writeFileSync(file, reportPage(data))
    await page.goto(pathToFileURL(file).href)
    await picture('empty')
    expect(await page.locator('#map').textContent()).toBe('There are no files in it.')
    expect(await page.locator('.lists section, .tiles').count()).toBe(0)
    expect(complaints).toEqual([])
  })

  it('shows ten of a list, and all of it when asked', async () => {
    const slowest = Array.from({ length: 30 }, (_, at) => ({
      path: `${'deep/'.repeat(60)}f${at}.ts`,
      ms: 30 - at,
      bytes: 1,
    }))
    await open('lists', reportPage({ ...sampleReport(), slowest }))
    const section = page.locator('.lists section').filter({ hasText: 'Slowest files' })
    const rows = section.locator('tbody tr:visible')
    expect(await rows.count()).toBe(10)
    await section.getByRole('button', { name: 'Show 20 more' }).click()
    expect(await rows.count()).toBe(30)
    // However deep it lies, a file is a line, and its name is there.
    const heights = await page.evaluate<number[]>(
      `[...document.querySelectorAll('.lists tbody tr')].map((row) => row.offsetHeight)`,
    )
    expect(Math.max(...heights.slice(1))).toBeLessThan(40)
    const box = (await section.getByText('f29.ts').boundingBox())!
    expect(box.width).toBeGreaterThan(20)
    expect(complaints).toEqual([])
  })

  it('tiles fill the map, as large as what they stand for', async () => {
    await open('small', reportPage(sampleReport()))
    const share = await page.evaluate(`(() => {
      const map = document.querySelector('.tiles')
      const area = ({ offsetWidth, offsetHeight }) => offsetWidth * offsetHeight
      const tiles = [...map.querySelectorAll(':scope > button')]
      return tiles.map(area).map((one) => one / (map.clientWidth * map.clientHeight))
    })()`)
    const parts = sampleReport().tree.parts!
    const whole = parts.reduce((sum, { bytes }) => sum + bytes, 0)
    const wanted = parts.map(({ bytes }) => bytes / whole)
    for (const [at, each] of (share as number[]).entries()) expect(each).toBeCloseTo(wanted[at]!, 2)
  })

  it('of 100,000 files it is a small page, and is gone through as quickly', async () => {
    const html = reportPage(sampleReport(100_000))
    expect(html.length).toBeLessThan(4_000_000)
    await open('large', html)
    await picture('large')
    for (const step of [/packages\//, /part-\d+\//, /src\//, /folder-\d+\//]) {
      await page.locator('.tiles > button.folder').filter({ hasText: step }).first().click()
    }
    expect(await trail()).toMatch(/packages.*part-\d+.*src.*folder-\d+/s)
    expect(await page.locator('.tiles > button').count()).toBeLessThanOrEqual(301)
    expect(complaints).toEqual([])
  })
}
