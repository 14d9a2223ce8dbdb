import { createReadStream, createWriteStream, existsSync, readFileSync } from 'node:fs'
import { rename } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pipeline } from 'node:stream/promises'
import { createBrotliDecompress } from 'node:zlib'
import { type Browser, chromium } from 'playwright-core'

/** Names a Chromium, or a Chrome, where the one from npm does not run. */
const NAMED = process.env.MILLRACE_CHROMIUM

/** Why no Chromium can be had here, if so. */
export const noChromium: string | undefined =
  NAMED !== undefined || (process.platform === 'linux' && process.arch === 'x64')
    ? undefined
    : `the Chromium from npm is one for linux-x64, and this is ${process.platform}-${process.arch}; ` +
      'name one by MILLRACE_CHROMIUM=/its/path'

/** Starts a Chromium without a window. */
export async function launchChromium(): Promise<Browser> {
  return chromium.launch({ executablePath: NAMED ?? (await unpacked()), timeout: 20_000 })
}

/**
 * The Chromium that lies packed in `@sparticuz/chromium`, unpacked where it stays for the next run.
 *
 * The package's own way would take whatever is at a path that all its versions share, half unpacked by another process or
 * not; and its flags put all in one process, in which no page can be isolated.
 */
async function unpacked(): Promise<string> {
  const home = new URL('../', import.meta.resolve('@sparticuz/chromium'))
  const { version } = JSON.parse(readFileSync(new URL('package.json', home), 'utf8')) as { readonly version: string }
  const path = join(tmpdir(), `millrace-chromium-${version}`)
  if (existsSync(path)) return path
  const own = `${path}-${process.pid}`
  const packed = createReadStream(new URL('bin/chromium.br', home))
  await pipeline(packed, createBrotliDecompress(), createWriteStream(own, { mode: 0o700 }))
  await rename(own, path)
  return path
}
