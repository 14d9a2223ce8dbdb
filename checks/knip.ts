import { join } from 'node:path'
import type { Outcome } from './check.ts'
import { problemsOf, repository, runTool } from './run-tool.ts'

/** Unused files, exports and dependencies, and hints that knip.jsonc itself has grown stale. */
export async function knip(root: string): Promise<Outcome> {
  const args = ['--no-progress', '--directory', root, '--config', join(repository, 'knip.jsonc')]
  const result = await runTool('knip', args, root)
  return { summary: 'files, exports, dependencies', problems: problemsOf('knip', result) }
}
