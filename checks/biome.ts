import type { Outcome } from './check.ts'
import { problemsOf, runTool } from './run-tool.ts'

/** Lint and format of everything the root's biome.json includes. Biome itself fails when that is nothing. */
export async function biome(root: string): Promise<Outcome> {
  const result = await runTool('biome', ['ci', '--colors=off', '--error-on-warnings', '--max-diagnostics=50'], root)
  return {
    summary: /Checked \d+ files?/.exec(result.output)?.[0] ?? 'Checked nothing',
    problems: problemsOf('biome ci', result),
  }
}
