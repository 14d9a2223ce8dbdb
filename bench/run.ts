import { readdirSync, writeFileSync } from 'node:fs'
import { resolve } from 'node:path'
import { parseArgs } from 'node:util'
import { installPeers } from './harness/install-peers.ts'
import type { BenchRow } from './harness/row.ts'
import { runBenchFile } from './harness/run-bench-file.ts'
import { tableOf } from './harness/table.ts'
import { suites } from './suites.ts'

const USAGE = `npm run bench -- <suite>[/<part>] [--quick] [--json FILE]

${Object.entries(suites)
  .map(([name, { about }]) => `  ${name.padEnd(10)}${about}`)
  .join('\n')}

  --quick      end within 45 s
  --json FILE  write the rows as JSON too`

interface Request {
  readonly suite: string
  /** The files to run. */
  readonly files: readonly URL[]
  readonly quick: boolean
  readonly json: string | undefined
}

process.exitCode = await main(process.argv.slice(2))

async function main(args: readonly string[]): Promise<number> {
  const request = requestFrom(args)
  if (request === undefined) {
    console.error(USAGE)
    return 1
  }
  installPeers()
  const { rows, failures } = await runAll(request)
  console.log(tableOf(rows))
  if (request.json !== undefined) writeFileSync(request.json, `${JSON.stringify(rows, undefined, 2)}\n`)
  for (const failure of failures) console.error(failure)
  return failures.length === 0 ? 0 : 1
}

function requestFrom(args: readonly string[]): Request | undefined {
  try {
    const { values, positionals } = parseArgs({
      args: [...args],
      allowPositionals: true,
      options: { quick: { type: 'boolean', default: false }, json: { type: 'string' } },
    })
    const [suite = '', part] = positionals[0]?.split('/') ?? []
    const files = Object.hasOwn(suites, suite) ? filesOf(suite, part) : []
    if (positionals.length !== 1 || files.length === 0) return undefined
    // npm changes to the repository's root; the path is meant from where the command was typed.
    const json = values.json === undefined ? undefined : resolve(process.env.INIT_CWD ?? '.', values.json)
    return { suite, files, quick: values.quick, json }
  } catch (error) {
    console.error(error instanceof Error ? error.message : String(error))
    return undefined
  }
}

function filesOf(suite: string, part: string | undefined): URL[] {
  const folder = new URL(`./${suite}/`, import.meta.url)
  const wanted = (name: string) => (part === undefined ? name.endsWith('.bench.ts') : name === `${part}.bench.ts`)
  return readdirSync(folder)
    .filter(wanted)
    .toSorted()
    .map((name) => new URL(name, folder))
}

/** Runs the files one after another, each in a process of its own. One that breaks does not stop the others. */
async function runAll({ suite, files, quick }: Request): Promise<{ rows: BenchRow[]; failures: string[] }> {
  const { nodeFlags } = suites[suite]!
  const rows: BenchRow[] = []
  const failures: string[] = []
  for (const file of files) {
    const name = file.pathname.split('/').slice(-2).join('/')
    process.stderr.write(`${name} …\n`)
    try {
      rows.push(...(await runBenchFile(file, { nodeFlags, quick })))
    } catch (error) {
      failures.push(`bench: ${name} broke: ${error instanceof Error ? error.message : String(error)}`)
    }
  }
  return { rows, failures }
}
