import { execFile } from 'node:child_process'
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'
import { build } from 'esbuild'

/** The fixture and the package that it was made with, as one module. */
export type Compiled = typeof import('./fixtures/decorated-world.ts') &
  Pick<typeof import('../../src/index.ts'), 'BatchController' | 'batchSystem' | 'registerBatchSystems'>

const fixtures = join(import.meta.dirname, 'fixtures')
const WORLD = 'decorated-world'
const ENTRY = `export * from './${WORLD}'
export { BatchController, batchSystem, registerBatchSystems } from '@millrace/frame'`

/** Compiles the decorators of the fixture with esbuild, and runs the module. */
export async function compileWithEsbuild(): Promise<Compiled> {
  return runBundled(await readFile(join(fixtures, `${WORLD}.ts`), 'utf8'), 'ts')
}

/** Compiles them with TypeScript, and runs the module; says what it finds wrong in the fixtures, too. */
export async function compileWithTypeScript(): Promise<{ readonly module: Compiled; readonly errors: string }> {
  const outDir = await mkdtemp(join(tmpdir(), 'millrace-decorators-'))
  try {
    const errors = await tsc(['-p', fixtures, '--outDir', outDir, '--pretty', 'false'])
    const code = await readFile(join(outDir, 'frame/test/system/fixtures', `${WORLD}.js`), 'utf8')
    return { module: await runBundled(code, 'js'), errors }
  } finally {
    await rm(outDir, { recursive: true })
  }
}

async function runBundled(world: string, loader: 'ts' | 'js'): Promise<Compiled> {
  const { outputFiles } = await build({
    stdin: { contents: ENTRY, resolveDir: fixtures },
    plugins: [
      {
        name: 'the fixture as it was compiled',
        setup({ onResolve, onLoad }) {
          onResolve({ filter: new RegExp(`/${WORLD}$`) }, () => ({ path: WORLD, namespace: 'fixture' }))
          onLoad({ filter: /./, namespace: 'fixture' }, () => ({ contents: world, loader, resolveDir: fixtures }))
        },
      },
    ],
    bundle: true,
    write: false,
    format: 'esm',
    target: 'es2024',
    conditions: ['millrace-source'],
  })
  const folder = await mkdtemp(join(tmpdir(), 'millrace-decorators-'))
  try {
    const path = join(folder, 'compiled.mjs')
    await writeFile(path, outputFiles[0]!.contents)
    return await import(/* @vite-ignore */ pathToFileURL(path).href)
  } finally {
    await rm(folder, { recursive: true })
  }
}

/** Its errors, if there are any: it writes its output all the same. */
function tsc(args: readonly string[]): Promise<string> {
  const path = join(dirname(fileURLToPath(import.meta.resolve('typescript/package.json'))), 'bin', 'tsc')
  return new Promise((resolve) => {
    execFile(process.execPath, [path, ...args], (_error, stdout) => resolve(stdout))
  })
}
