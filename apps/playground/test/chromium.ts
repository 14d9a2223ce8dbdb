import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { createReadStream, createWriteStream, existsSync, readFileSync } from 'node:fs'
import { mkdtemp, rename, rm } from 'node:fs/promises'
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

/** Starts a Chromium without a window, that draws WebGL without a graphics card. */
export async function launchChromium(): Promise<Browser> {
  return chromium.launch({
    executablePath: NAMED ?? join(await unpacked(), 'chromium'),
    // Not with --use-angle=swiftshader: then 2D is drawn by it, too, and screenshots wait for ever.
    args: ['--enable-unsafe-swiftshader'],
    timeout: 20_000,
  })
}

/** The Chromium that lies packed in `@sparticuz/chromium`, and what it draws by, in a folder that stays for the next run. */
async function unpacked(): Promise<string> {
  const home = new URL('../', import.meta.resolve('@sparticuz/chromium'))
  const { version } = JSON.parse(readFileSync(new URL('package.json', home), 'utf8')) as { readonly version: string }
  const folder = join(tmpdir(), `millrace-chromium-${version}-drawing`)
  if (existsSync(folder)) return folder
  const own = await mkdtemp(`${folder}-`)
  const read = (name: string) => createReadStream(new URL(`bin/${name}`, home)).pipe(createBrotliDecompress())
  await pipeline(read('chromium.br'), createWriteStream(join(own, 'chromium'), { mode: 0o700 }))
  const tar = spawn('tar', ['-x', '-C', own], { stdio: ['pipe', 'inherit', 'inherit'] })
  await Promise.all([pipeline(read('swiftshader.tar.br'), tar.stdin), once(tar, 'exit')])
  // Another process may have been first.
  await rename(own, folder).catch(() => rm(own, { recursive: true }))
  return folder
}
