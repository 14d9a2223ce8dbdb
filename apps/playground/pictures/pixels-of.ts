import type { Page } from 'playwright-core'
import type { Pixels } from './indexed-png.ts'

/** Lets the browser decode a picture. */
export async function pixelsOf(page: Page, picture: Buffer): Promise<Pixels> {
  const pixels = await page.evaluate<{ width: number; height: number; rgba: string }>(`(async () => {
    const bitmap = await createImageBitmap(await (await fetch('data:image/png;base64,${picture.toString('base64')}')).blob())
    const context = new OffscreenCanvas(bitmap.width, bitmap.height).getContext('2d')
    context.drawImage(bitmap, 0, 0)
    const { data, width, height } = context.getImageData(0, 0, bitmap.width, bitmap.height)
    return { width, height, rgba: new Uint8Array(data.buffer).toBase64() }
  })()`)
  return { ...pixels, rgba: Buffer.from(pixels.rgba, 'base64') }
}
