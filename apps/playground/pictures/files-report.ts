/**
 * Takes files-report.png: the page that `millrace files report` makes of this repository's packages, down to the end of its map, in light colours.
 *
 * Of an actual run over what is committed, by the commands that a user would type.
 *
 *     npx node --conditions=millrace-source apps/playground/pictures/files-report.ts
 */
import { execFileSync } from 'node:child_process'
import { mkdirSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'
import { launchChromium } from '@millrace/pool/test/browser/chromium'
import { indexedPng } from './indexed-png.ts'
import { pixelsOf } from './pixels-of.ts'

const WIDTH = 1180
/** Below the map's legend. */
const MARGIN = 12
const PLACE = new URL('../../../docs/pictures/files-report.png', import.meta.url)
const REPOSITORY = fileURLToPath(new URL('../../../', import.meta.url))
const MILLRACE = join(REPOSITORY, 'apps/cli/bin/millrace.js')

// The page shows where the tree was: a name without chance in it.
const folder = join(tmpdir(), 'millrace-picture')
mkdirSync(folder)
try {
  const page = join(folder, 'report.html')
  makeReport(join(folder, 'millrace'), page)
  writeFileSync(PLACE, await pictureOf(page))
} finally {
  rmSync(folder, { recursive: true, force: true })
}

/** Checks out what is committed into `tree`, and has its packages processed and told of in `page`. */
function makeReport(tree: string, page: string): void {
  mkdirSync(tree)
  const archive = execFileSync('git', ['archive', 'HEAD', 'packages'], { cwd: REPOSITORY, maxBuffer: 2 ** 28 })
  execFileSync('tar', ['-x', '-C', tree], { input: archive })
  const state = ['--state', join(tree, '..', 'state')]
  const millrace = (...args: readonly string[]) =>
    execFileSync(process.execPath, [MILLRACE, 'files', ...args, ...state], {
      cwd: tree,
      stdio: ['ignore', 'ignore', 'inherit'],
    })
  try {
    millrace('run', 'packages', '--sink', 'none', '--quiet')
  } catch (error) {
    // Some files of the tests are such as belong in quarantine.
    if ((error as { readonly status?: unknown }).status !== 2) throw error
  }
  millrace('report', '--out', page)
}

async function pictureOf(file: string): Promise<Buffer> {
  const browser = await launchChromium()
  try {
    const page = await browser.newPage({ viewport: { width: WIDTH, height: 900 }, colorScheme: 'light' })
    await page.goto(pathToFileURL(file).href)
    const legend = await page.locator('.scale').boundingBox()
    if (legend === null) throw new Error('The page shows no map')
    const height = Math.ceil(legend.y + legend.height) + MARGIN
    const picture = await page.screenshot({ fullPage: true, clip: { x: 0, y: 0, width: WIDTH, height } })
    // Not by the report itself, which fetches nothing, not even from itself.
    return indexedPng(await pixelsOf(await browser.newPage(), picture))
  } finally {
    await browser.close()
  }
}
