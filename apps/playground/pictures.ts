import { writeFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { launchChromium } from '@millrace/pool/test/browser/chromium'
import type { Locator, Page } from 'playwright-core'
import { indexedPng } from './pictures/indexed-png.ts'
import { pixelsOf } from './pictures/pixels-of.ts'
import { servePages } from './test/served-page.ts'

/** Takes the pictures of the documents: `npm run pictures -w @millrace/playground`. */

const SIZE = { width: 1120, height: 700 }

await using pages = await servePages()
const browser = await launchChromium()
try {
  const which = process.argv[2]
  const pictures = { frames: picturesOfFrames, fracture: picturesOfFracture, cards: picturesOfCards }
  for (const [name, takeAll] of Object.entries(pictures)) if (which === undefined || which === name) await takeAll()
} finally {
  await browser.close()
}

async function picturesOfFrames(): Promise<void> {
  const page = await browser.newPage({ viewport: SIZE })
  await page.goto(`${pages.url}frames/?render=off`)
  await page.waitForTimeout(3000)
  await page.click('#splash')
  await page.waitForTimeout(400)
  // Where there is no graphics card, drawing takes most of the CPU: a single picture is drawn, and frames are counted after it.
  await page.locator('[name=render]').check()
  await page.waitForTimeout(1500)
  await page.locator('[name=render]').uncheck()
  await page.waitForTimeout(4000)
  await page.click('#record')
  await page.click('#splash')
  const recording = page.locator('#recording')
  await recording.waitFor()
  await page.setViewportSize({ width: 1376, height: 700 })
  await take(page, recording, 'frame-trace')
  await page.setViewportSize(SIZE)
  await page.click('#close-recording')
  await page.waitForTimeout(1000)
  await page.click('#recount')
  await page.waitForTimeout(4000)
  await page.click('#splash')
  await page.waitForTimeout(1500)
  await take(page, page.locator('body'), 'playground')
  await page.close()
}

async function picturesOfFracture(): Promise<void> {
  const page = await browser.newPage({ viewport: { width: 1280, height: 800 } })
  await page.goto(`${pages.url}fracture/?detail=full&render=off`)
  // Where there is no graphics card, drawing takes most of the CPU: a picture is drawn when everything is where it is to be.
  const takeDrawn = async (name: string) => {
    await page.locator('[name=render]').check()
    await page.waitForTimeout(4000)
    await page.locator('.panel').evaluate((panel) => panel.scrollTo(0, 0))
    await takePhoto(page.locator('body'), `../../docs/pictures/${name}.jpg`)
  }
  await takeDrawn('fracture-hall')
  await page.locator('[name=render]').uncheck()
  await page.keyboard.press('s')
  await page.keyboard.press('Space')
  await page.waitForFunction(`Number.parseInt(document.querySelector('#whole').textContent) < 150`)
  await page.keyboard.press('p')
  await takeDrawn('fracture-everything')
  await page.close()

  const phone = await browser.newPage({ viewport: { width: 390, height: 780 }, hasTouch: true, isMobile: true })
  await phone.goto(`${pages.url}fracture/?detail=full&objects=200`)
  await phone.waitForTimeout(5000)
  await takePhoto(phone.locator('body'), '../../docs/pictures/fracture-phone.jpg')
  await phone.close()
}

/** Pictures for the index page: what is drawn, without what is written on it. */
async function picturesOfCards(): Promise<void> {
  // 800 by 500 are left for the stage.
  const page = await browser.newPage({ viewport: { width: 1176, height: 500 } })
  for (const [name, query] of [
    ['fracture', 'detail=full'],
    ['frames', 'entities=10000'],
  ] as const) {
    await page.goto(`${pages.url}${name}/?render=off&${query}`)
    await page.addStyleTag({ content: '.stage > :not(canvas) { display: none }' })
    await page.waitForTimeout(3000)
    await page.locator('[name=render]').check()
    await page.waitForTimeout(2500)
    await page.locator('[name=render]').uncheck()
    await takePhoto(page.locator('.stage'), `./pictures/${name}.jpg`)
  }
  await page.close()
}

/** Of what has too many colours for {@link take}. */
async function takePhoto(what: Locator, path: string): Promise<void> {
  // Drawing in software, on a machine with much else to do, takes seconds a frame.
  const picture = await what.screenshot({ type: 'jpeg', quality: 84, timeout: 120_000 })
  writeFileSync(fileURLToPath(new URL(path, import.meta.url)), picture)
}

async function take(page: Page, what: Locator, name: string): Promise<void> {
  const picture = await what.screenshot()
  const path = fileURLToPath(new URL(`../../docs/pictures/${name}.png`, import.meta.url))
  writeFileSync(path, indexedPng(await pixelsOf(page, picture)))
}
