import { cpSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { build } from './build.ts'
import type { Outcome } from './check.ts'
import { pack, type Tarball } from './pack.ts'
import { problemsOf, repository, runTool } from './run-tool.ts'

interface Program {
  readonly file: string
  readonly prints: string
}

/** What is run with an installed package: workers start from what is installed, too. */
const PROGRAMS: Readonly<Record<string, Program>> = {
  '@millrace/fracture': { file: 'fracture-program.ts', prints: '4 fragments of 3,3,3,3' },
  '@millrace/frame': { file: 'frame-program.ts', prints: 'the output is 49' },
  '@millrace/intents': { file: 'intents-program.ts', prints: 'committed,duplicate,committed {"points":7}' },
  '@millrace/pool': { file: 'pool-program.ts', prints: '2,4 Good day, Ada' },
  '@millrace/pulse': { file: 'pulse-program.ts', prints: 'yellow,cyan,green' },
}

/**
 * Uses the packages as a stranger would: packs them, installs the tarballs in an empty folder outside the repository, type-checks the
 * consumer (`checks/fixtures/smoke/` below the root), imports each package, runs a program with some, and the installed
 * command.
 *
 * Dependencies come from the npm registry.
 */
export async function smoke(root: string): Promise<Outcome> {
  const problems = [...(await build(root))]
  if (problems.length > 0) return { summary: 'nothing installed', problems }
  const folder = mkdtempSync(join(tmpdir(), 'millrace-smoke-'))
  try {
    const tarballs = await pack(root, join(folder, 'tarballs'))
    const consumer = join(folder, 'consumer')
    cpSync(join(root, 'checks/fixtures/smoke'), consumer, { recursive: true })
    problems.push(...(await tryOut(tarballs, consumer)))
    return { summary: `${tarballs.length} packages installed`, problems }
  } catch (error) {
    return { summary: 'not installed', problems: [error instanceof Error ? error.message : String(error)] }
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

async function tryOut(tarballs: readonly Tarball[], consumer: string): Promise<readonly string[]> {
  const paths = tarballs.map(({ path }) => path)
  const install = await runTool('npm', ['install', '--no-audit', '--no-fund', '--prefer-offline', ...paths], consumer)
  if (install.code !== 0) return problemsOf('npm install of the tarballs', install)
  const problems: string[] = []
  for (const moduleResolution of ['nodenext', 'bundler']) {
    writeFileSync(join(consumer, 'tsconfig.json'), consumerConfig(moduleResolution))
    const result = await runTool('tsc', ['-p', '.'], consumer)
    problems.push(...problemsOf(`type-check of the consumer (moduleResolution ${moduleResolution})`, result))
  }
  for (const { workspace } of tarballs) {
    const { name, exports, bin } = workspace.manifest
    if (exports?.['.'] !== undefined) {
      const script = `const names = Object.keys(await import('${name}')); if (names.length === 0) throw new Error('no exports')`
      problems.push(
        ...problemsOf(`import of ${name}`, await runTool('node', ['--input-type=module', '-e', script], consumer)),
      )
    }
    const program = PROGRAMS[name]
    if (program !== undefined) problems.push(...(await tryProgram(consumer, program)))
    if (bin?.millrace !== undefined) problems.push(...(await tryCommand(consumer, workspace.manifest.version)))
  }
  return problems
}

async function tryProgram(consumer: string, { file, prints }: Program): Promise<readonly string[]> {
  const told = await runTool('node', [file], consumer)
  const problems = problemsOf(file, told)
  if (!told.output.includes(prints)) problems.push(`${file} should print ${prints}, printed: ${told.output}`)
  return problems
}

async function tryCommand(consumer: string, version: string): Promise<readonly string[]> {
  const millrace = join(consumer, 'node_modules', '.bin', 'millrace')
  const told = await runTool(millrace, ['--version'], consumer)
  const problems = problemsOf('millrace --version', told)
  if (!told.output.includes(version))
    problems.push(`millrace --version should print ${version}, printed: ${told.output}`)

  const work = join(consumer, 'work')
  mkdirSync(join(work, 'tree'), { recursive: true })
  for (const name of ['one', 'two'])
    writeFileSync(join(work, 'tree', `${name}.ts`), `export const ${name} = '${name}'\n`)
  const run = await runTool(millrace, ['files', 'run', 'tree', '--out', 'results.jsonl'], work)
  problems.push(...problemsOf('millrace files run', run))
  const results = join(work, 'results.jsonl')
  const lines = existsSync(results) ? readFileSync(results, 'utf8').trimEnd().split('\n') : []
  const delivered = lines.map((line) => (JSON.parse(line) as { path?: unknown }).path)
  if (delivered.join() !== 'one.ts,two.ts') {
    problems.push(
      `millrace files run should deliver one.ts and two.ts, delivered: ${delivered.join(', ')}\n${run.output}`,
    )
  }
  const licences = join(work, 'licences.jsonl')
  const order = ['files', 'run', 'tree', '--processor', 'licenses', '--out', licences]
  problems.push(...problemsOf('millrace files run with the processor licenses', await runTool(millrace, order, work)))
  if (!existsSync(licences)) problems.push('millrace files run wrote no licences')
  return problems
}

/** Strict, and with `skipLibCheck` off: the declarations that are published must hold by themselves. */
function consumerConfig(moduleResolution: string): string {
  return JSON.stringify({
    compilerOptions: {
      target: 'ES2024',
      lib: ['ES2024', 'ESNext.Disposable'],
      module: moduleResolution === 'bundler' ? 'preserve' : 'nodenext',
      moduleResolution,
      strict: true,
      exactOptionalPropertyTypes: true,
      skipLibCheck: false,
      noEmit: true,
      types: ['node'],
      typeRoots: [join(repository, 'node_modules/@types')],
    },
    include: ['*.ts'],
  })
}
