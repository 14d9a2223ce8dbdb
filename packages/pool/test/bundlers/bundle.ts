import { fileURLToPath } from 'node:url'
import { build as esbuild } from 'esbuild'
import { build as vite } from 'vite'

/** Built files by name, `page.js` among them. */
export type Bundle = ReadonlyMap<string, string>

/** By it the packages find each other's sources. */
const conditions = ['millrace-source']
const pathOf = (entry: string) => fileURLToPath(new URL(entry, import.meta.url))

/** Vite finds the worker by its `new URL` and bundles it by itself. */
export async function bundleWithVite(): Promise<Bundle> {
  const built = await vite({
    configFile: false,
    logLevel: 'warn',
    root: pathOf('.'),
    // Its usual ones, which it forgets when others are given.
    resolve: { conditions: [...conditions, 'module', 'browser', 'development|production'] },
    worker: { format: 'es' },
    build: {
      write: false,
      target: 'esnext',
      rolldownOptions: { input: pathOf('vite-page.ts'), output: { entryFileNames: 'page.js' } },
    },
  })
  const outputs = [built].flat().flatMap((each) => ('output' in each ? each.output : []))
  return new Map(outputs.map((file) => [file.fileName, file.type === 'chunk' ? file.code : String(file.source)]))
}

/** esbuild is told of the worker, as of one more entry. */
export async function bundleWithEsbuild(): Promise<Bundle> {
  const { outputFiles } = await esbuild({
    entryPoints: { page: pathOf('esbuild-page.ts'), worker: pathOf('../conformance/worker.ts') },
    bundle: true,
    format: 'esm',
    platform: 'browser',
    target: 'es2024',
    conditions,
    outdir: 'built',
    write: false,
  })
  return new Map(outputFiles.map(({ path, text }) => [path.slice(path.lastIndexOf('/') + 1), text]))
}

/** The worker for Node, in one file. */
export async function bundleWorkerForNode(outfile: string): Promise<void> {
  await esbuild({
    entryPoints: [pathOf('../conformance/worker.ts')],
    bundle: true,
    format: 'esm',
    platform: 'node',
    target: 'node24',
    conditions,
    outfile,
  })
}
