import { readdirSync, writeFileSync } from 'node:fs'
import { resolve } from 'node:path'
import { parseArgs } from 'node:util'
import { installPeers } from './harness/install-peers.ts'
import type { BenchRow } from './harness/row.ts'
import { runBenchFile } from './harness/run-bench-file.ts'
import { tableOf } from './harness/table.ts'
import { suites } from './suites.ts'

const USAGE = `npm run bench -- <suite> [--quick] [--json FILE]

${Object.entries(suites)
  .map(([name, { about }]) => `  ${name.padEnd(10)}${about}`)
  .join('\n')}

  --quick      end within 45 s
  --json FILE  write the rows as JSON too`

process.exitCode = await main(process.argv.slice(2))

async function main(args: readonly string[]): Promise<number> {
  const request = requestFrom(args)
  if (request === undefined) {
    console.error(USAGE)
    return 1
  }
  const { suite, quick, json } = request
  installPeers()
  const { rows, failures } = await runSuite(suite, quick)
  console.log(tableOf(rows))
  if (json !== undefined) writeFileSync(json, `${JSON.stringify(rows, undefined, 2)}\n`)
  for (const failure of failures) console.error(failure)
  return failures.length === 0 ? 0 : 1
}

function requestFrom(args: readonly string[]): { suite: string; quick: boolean; json: string | undefined } | undefined {
  try {
    const { values, positionals } = parseArgs({
      args: [...args],
      allowPositionals: true,
      options: { quick: { type: 'boolean', default: false }, json: { type: 'string' } },
    })
    const [suite, ...more] = positionals
    if (suite === undefined || more.length > 0 || !Object.hasOwn(suites, suite)) return undefined
    // npm changes to the repository's root; the path is meant from where the command was typed.
    const json = values.json === undefined ? undefined : resolve(process.env.INIT_CWD ?? '.', values.json)
    return { suite, quick: values.quick, json }
  } catch (error) {
    console.error(error instanceof Error ? error.message : String(error))
    return undefined
  }
}

/** Runs the suite's files one after another, each in a process of its own. One that breaks does not stop the others. */
async function runSuite(suite: string, quick: boolean): Promise<{ rows: BenchRow[]; failures: string[] }> {
  const folder = new URL(`./${suite}/`, import.meta.url)
  const { nodeFlags } = suites[suite]!
  const files = readdirSync(folder).filter((name) => name.endsWith('.bench.ts'))
  const rows: BenchRow[] = []
  const failures: string[] = []
  for (const file of files.toSorted()) {
    process.stderr.write(`${suite}/${file} …\n`)
    try {
      rows.push(...(await runBenchFile(new URL(file, folder), { nodeFlags, quick })))
    } catch (error) {
      failures.push(`bench: ${suite}/${file} broke: ${error instanceof Error ? error.message : String(error)}`)
    }
  }
  return { rows, failures }
}
