import { performance } from 'node:perf_hooks'
import { biome } from './biome.ts'
import type { Check, Outcome } from './check.ts'
import { imports } from './imports.ts'
import { knip } from './knip.ts'
import { lock } from './lock.ts'
import { packages } from './packages.ts'
import { repository } from './run-tool.ts'
import { smoke } from './smoke.ts'
import { types } from './types.ts'

/** Checks of `npm run check`, quick ones first. */
const usual: Readonly<Record<string, Check>> = { lock, biome, imports, types, knip, packages }
/** `smoke` installs from the npm registry, so it runs when it is named. */
const all: Readonly<Record<string, Check>> = { ...usual, smoke }

/** Runs the named checks, or the usual ones, and returns whether all passed. */
async function run(names: readonly string[]): Promise<boolean> {
  let passed = true
  for (const name of names) {
    const check = all[name]
    if (check === undefined) {
      console.error(`There is no check "${name}". There are: ${Object.keys(all).join(', ')}.`)
      return false
    }
    const start = performance.now()
    const { summary, problems } = await check(repository).catch(broken)
    const seconds = ((performance.now() - start) / 1000).toFixed(1)
    console.log(`${problems.length === 0 ? '✓' : '✗'} ${name.padEnd(9)} ${seconds.padStart(5)} s  ${summary}`)
    for (const problem of problems) console.error(problem.replaceAll(/^/gm, '    '))
    passed &&= problems.length === 0
  }
  return passed
}

/** A check that throws has failed, and the next ones still run. */
function broken(error: unknown): Outcome {
  return { summary: 'the check itself broke', problems: [error instanceof Error ? `${error.stack}` : String(error)] }
}

const named = process.argv.slice(2)
process.exitCode = (await run(named.length > 0 ? named : Object.keys(usual))) ? 0 : 1
