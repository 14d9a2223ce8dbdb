import { readdirSync, writeFileSync } from 'node:fs'
import { resolve } from 'node:path'
import { parseArgs } from 'node:util'
import { installPeers } from './harness/install-peers.ts'
import type { BenchRow } from './harness/row.ts'
import { type BenchFindings, runBenchFile } from './harness/run-bench-file.ts'
import { tableOf } from './harness/table.ts'
import { suites } from './suites.ts'

const USAGE = `npm run bench -- <suite>[/<part>] [--quick] [--all] [--json FILE]

${Object.entries(suites)
  .map(([name, { about }]) => `  ${name.padEnd(10)}${about}`)
  .join('\n')}

  --quick      a small version: smaller trees, fewer rounds
  --all        also what is slow and only context, and otherwise runs when it is named
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
  const { rows, texts, failures } = await runAll(request)
  if (rows.length > 0) console.log(tableOf(rows))
  for (const text of texts) console.log(`\n${text}`)
  if (request.json !== undefined) writeFileSync(request.json, `${JSON.stringify(rows, undefined, 2)}\n`)
  for (const failure of failures) console.error(failure)
  return failures.length === 0 ? 0 : 1
}

function requestFrom(args: readonly string[]): Request | undefined {
  try {
    const { values, positionals } = parseArgs({
      args: [...args],
      allowPositionals: true,
      options: {
        quick: { type: 'boolean', default: false },
        all: { type: 'boolean', default: false },
        json: { type: 'string' },
      },
    })
    const [suite = '', part] = positionals[0]?.split('/') ?? []
    const files = Object.hasOwn(suites, suite) ? filesOf(suite, part, values.all) : []
    if (positionals.length !== 1 || files.length === 0) return undefined
    // npm changes to the repository's root; the path is meant from where the command was typed.
    const json = values.json === undefined ? undefined : resolve(process.env.INIT_CWD ?? '.', values.json)
    return { suite, files, quick: values.quick, json }
  } catch (error) {
    console.error(error instanceof Error ? error.message : String(error))
    return undefined
  }
}

function filesOf(suite: string, part: string | undefined, all: boolean): URL[] {
  const { whenNamed = [] } = suites[suite]!
  const folder = new URL(`./${suite}/`, import.meta.url)
  const wanted = (name: string) =>
    part === undefined
      ? name.endsWith('.bench.ts') && (all || !whenNamed.includes(name.replace('.bench.ts', '')))
      : name === `${part}.bench.ts`
  return readdirSync(folder)
    .filter(wanted)
    .toSorted()
    .map((name) => new URL(name, folder))
}

/** Runs the files one after another, each in a process of its own. One that breaks does not stop the others. */
async function runAll({ suite, files, quick }: Request): Promise<BenchFindings & { failures: string[] }> {
  const { nodeFlags } = suites[suite]!
  const rows: BenchRow[] = []
  const texts: string[] = []
  const failures: string[] = []
  for (const file of files) {
    const name = file.pathname.split('/').slice(-2).join('/')
    process.stderr.write(`${name} …\n`)
    try {
      const findings = await runBenchFile(file, { nodeFlags, quick })
      rows.push(...findings.rows)
      texts.push(...findings.texts)
    } catch (error) {
      failures.push(`bench: ${name} broke: ${error instanceof Error ? error.message : String(error)}`)
    }
  }
  return { rows, texts, failures }
}
