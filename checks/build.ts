import { rmSync } from 'node:fs'
import { join } from 'node:path'
import { problemsOf, repository, runTool } from './run-tool.ts'
import { findWorkspaces } from './workspaces.ts'

/**
 * Builds each package's `dist/` afresh with plain tsc, a package after those it depends on, and returns what failed.
 *
 * Nothing in the repository needs the result; it is what gets published.
 */
export async function build(root: string): Promise<readonly string[]> {
  const problems: string[] = []
  for (const { folder } of findWorkspaces(root)) {
    rmSync(join(root, folder, 'dist'), { recursive: true, force: true })
    const result = await runTool('tsc', ['-p', 'tsconfig.build.json'], join(root, folder))
    problems.push(...problemsOf(`${folder}: tsc -p tsconfig.build.json`, result))
  }
  return problems
}

if (import.meta.main) {
  const problems = await build(repository)
  for (const problem of problems) console.error(problem)
  process.exitCode = problems.length === 0 ? 0 : 1
}
