import { launchChromium } from '@millrace/pool/test/browser/chromium'
import type { Browser } from 'playwright-core'
import { servePages } from './test/served-page.ts'
import { slicesOf, tellOf, threadSlices } from './test/slices-of.ts'

/**
 * Breaks 500 things in one frame on the page of fractures, twice in each of five Chromiums, without drawing and with it, and prints what the main thread's slices
 * came to: `npm run slices -w @millrace/playground`, with a number of Chromiums if not five. Times on the wall are the page's own; processor time is Chromium's.
 */

const RUNS = Number(process.argv[2] ?? 5)
const THINGS = 500
const BOUND_MS = 120_000

await using pages = await servePages()
for (const render of ['off', 'on'] as const) {
  for (let run = 1; run <= RUNS; run++) {
    const browser = await launchChromium()
    try {
      await break500(browser, render, `drawing ${render}, run ${run}`)
    } finally {
      await browser.close()
    }
  }
}

/** Twice: when the page is new, and again. */
async function break500(browser: Browser, render: 'on' | 'off', title: string): Promise<void> {
  const page = await browser.newPage({ viewport: { width: 800, height: 560 } })
  page.setDefaultTimeout(BOUND_MS)
  const reaches = async (id: string, count: number) => {
    const read = `Number.parseInt(document.querySelector('#${id}').textContent.replaceAll(',', ''))`
    await page.waitForFunction(`${read} === ${count}`)
  }
  await page.goto(`${pages.url}fracture/?render=${render}&objects=${THINGS}`)
  await page.locator('body[data-rehearsed]').waitFor()
  for (const [before, when] of ['the page new', 'again'].entries()) {
    await reaches('whole', THINGS)
    await page.click('#recount')
    const thread = await threadSlices(browser, page, async () => {
      await page.keyboard.press('Space')
      await reaches('fractures', THINGS * (before + 1))
    })
    const { fracture, systems, drawing } = await slicesOf(page)
    console.log(`${title}, ${when}`)
    console.log(`  fractures, on the wall            ${tellOf(fracture)}`)
    console.log(`  fractures, processor time         ${tellOf(thread.processor)}`)
    console.log(`  the same, collector left out      ${tellOf(thread.withoutCollector)}`)
    console.log(`  the page's systems, on the wall   ${tellOf(systems)}`)
    console.log(`  drawing, on the wall              ${tellOf(drawing)}`)
    await page.keyboard.press('r')
  }
}
