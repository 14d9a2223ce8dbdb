import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { build, preview } from 'vite'

const configFile = fileURLToPath(new URL('../vite.config.ts', import.meta.url))

/** The playground as it is built, served on the loopback interface alone, until it is disposed of. */
export interface ServedPages extends AsyncDisposable {
  /** Of the folder in which the pages' own lie. */
  readonly url: string
  /** The same, served without any headers of ours: pages are not isolated there. */
  readonly plainUrl: string
}

const LOOPBACK = { host: '127.0.0.1', port: 0, strictPort: true }

/** Builds the playground by its own configuration, and serves it. */
export async function servePages(): Promise<ServedPages> {
  const outDir = await mkdtemp(join(tmpdir(), 'millrace-playground-'))
  await build({ configFile, logLevel: 'warn', build: { outDir, emptyOutDir: true } })
  const [server, plain] = await Promise.all([
    preview({ configFile, logLevel: 'warn', build: { outDir }, preview: LOOPBACK }),
    preview({ configFile: false, logLevel: 'warn', build: { outDir }, preview: LOOPBACK }),
  ])
  return {
    url: server.resolvedUrls?.local[0] ?? '',
    plainUrl: plain.resolvedUrls?.local[0] ?? '',
    async [Symbol.asyncDispose]() {
      await Promise.all([server.close(), plain.close()])
      await rm(outDir, { recursive: true })
    },
  }
}
