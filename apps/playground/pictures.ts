import { writeFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { launchChromium } from '@millrace/pool/test/browser/chromium'
import type { Locator, Page } from 'playwright-core'
import { indexedPng, type Pixels } from './pictures/indexed-png.ts'
import { servePages } from './test/served-page.ts'

/** Takes the pictures of the documents: `npm run pictures -w @millrace/playground`. */

const SIZE = { width: 1120, height: 700 }

await using pages = await servePages()
const browser = await launchChromium()
try {
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
} finally {
  await browser.close()
}

async function take(page: Page, what: Locator, name: string): Promise<void> {
  const picture = await what.screenshot()
  const path = fileURLToPath(new URL(`../../docs/pictures/${name}.png`, import.meta.url))
  writeFileSync(path, indexedPng(await pixelsOf(page, picture)))
}

/** Lets the browser decode a picture. */
async function pixelsOf(page: Page, picture: Buffer): Promise<Pixels> {
  const pixels = await page.evaluate<{ width: number; height: number; rgba: string }>(`(async () => {
    const bitmap = await createImageBitmap(await (await fetch('data:image/png;base64,${picture.toString('base64')}')).blob())
    const context = new OffscreenCanvas(bitmap.width, bitmap.height).getContext('2d')
    context.drawImage(bitmap, 0, 0)
    const { data, width, height } = context.getImageData(0, 0, bitmap.width, bitmap.height)
    return { width, height, rgba: new Uint8Array(data.buffer).toBase64() }
  })()`)
  return { ...pixels, rgba: Buffer.from(pixels.rgba, 'base64') }
}
