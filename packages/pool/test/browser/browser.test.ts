import type { Server } from 'node:http'
import type { Browser, Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type Bundle, bundleWithEsbuild, bundleWithVite } from '../bundlers/bundle.ts'
import { promisesIn } from '../conformance/conformance.ts'
import { launchChromium, noChromium } from './chromium.ts'
import { addressOf, servePage } from './page-server.ts'

const places = [
  { mode: 'shared memory', isIsolated: true },
  { mode: 'messages', isIsolated: false },
  { mode: 'caller', isIsolated: false },
] as const

if (noChromium === undefined) describe('in Chromium', inChromium)
else {
  it('is not tested in a browser', ({ skip }) => {
    expect(process.env.CI, `${noChromium}; on CI there must be one`).toBeUndefined()
    skip(noChromium)
  })
}

function inChromium(): void {
  let browser: Browser
  beforeAll(async () => {
    browser = await launchChromium()
  })
  afterAll(() => browser?.close())

  describe.each([
    { bundler: 'Vite', bundle: bundleWithVite, promises: /./ },
    // The same sources: what is to be shown is that they find their workers.
    { bundler: 'esbuild', bundle: bundleWithEsbuild, promises: /same bytes|in which a worker ends|whatever happens/ },
  ])('bundled with $bundler', ({ bundle, promises }) => {
    let built: Bundle
    beforeAll(async () => {
      built = await bundle()
    })

    describe.each(places)('a pool on $mode', ({ mode, isIsolated }) => {
      let server: Server
      let page: Page
      const faults: unknown[] = []
      beforeAll(async () => {
        server = await servePage(built, isIsolated)
        page = await browser.newPage()
        page.on('pageerror', (error) => faults.push(error))
        await page.goto(addressOf(server))
        await page.waitForFunction(() => globalThis.poolPage !== undefined)
      })
      afterAll(async () => {
        await page?.close()
        server?.closeAllConnections()
        server?.close()
      })

      it('is in a page that shares memory, or cannot', async () => {
        expect(await page.evaluate(() => globalThis.poolPage?.isIsolated)).toBe(isIsolated)
      })

      it.each(promisesIn(mode).filter((name) => promises.test(name)))('%s', (name) =>
        page.evaluate(([name, mode]) => globalThis.poolPage?.holds(name, mode), [name, mode] as const),
      )

      it('closes', async () => {
        await page.evaluate(() => globalThis.poolPage?.close())
        await expect.poll(() => page.workers().length).toBe(0)
        expect(faults).toEqual([])
      })
    })
  })
}
