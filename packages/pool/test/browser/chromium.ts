import { execFile } from 'node:child_process'
import { createReadStream, createWriteStream, existsSync, readFileSync } from 'node:fs'
import { mkdtemp, rename, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pipeline } from 'node:stream/promises'
import { promisify } from 'node:util'
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

/** Starts a Chromium without a window, which draws WebGL without a graphics card. */
export async function launchChromium(): Promise<Browser> {
  return chromium.launch({
    executablePath: NAMED ?? join(await unpacked(), 'chromium'),
    // Not with --use-angle=swiftshader: then 2D is drawn by it, too, and screenshots wait for ever.
    args: ['--enable-unsafe-swiftshader'],
    timeout: 60_000,
  })
}

/**
 * The folder with the Chromium that lies packed in `@sparticuz/chromium`, and what it draws by, unpacked where it stays for the next
 * run.
 *
 * The package's own way would take whatever is at a path that all its versions share, half unpacked by another process or
 * not; and its flags put all in one process, in which no page can be isolated.
 */
async function unpacked(): Promise<string> {
  const home = new URL('../', import.meta.resolve('@sparticuz/chromium'))
  const { version } = JSON.parse(readFileSync(new URL('package.json', home), 'utf8')) as { readonly version: string }
  const folder = join(tmpdir(), `millrace-chromium-${version}-unpacked`)
  if (existsSync(folder)) return folder
  const own = await mkdtemp(`${folder}-`)
  const unpack = (packed: string, name: string) =>
    pipeline(
      createReadStream(new URL(`bin/${packed}`, home)),
      createBrotliDecompress(),
      createWriteStream(join(own, name), { mode: 0o700 }),
    )
  await Promise.all([unpack('chromium.br', 'chromium'), unpack('swiftshader.tar.br', 'swiftshader.tar')])
  await promisify(execFile)('tar', ['-xf', 'swiftshader.tar'], { cwd: own })
  // Another process may have been first.
  await rename(own, folder).catch(() => rm(own, { recursive: true }))
  return folder
}
