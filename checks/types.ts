import { existsSync } from 'node:fs'
import { join } from 'node:path'
import type { Outcome } from './check.ts'
import { problemsOf, runTool } from './run-tool.ts'
import { findWorkspaces } from './workspaces.ts'

/** Type-checks every project of the repository: each package by its own rules, then the root's tests, checks and config files. */
export async function types(root: string): Promise<Outcome> {
  const workspaces = findWorkspaces(root).map((workspace) => workspace.folder)
  // Tests of what pages write have the types of browsers.
  const folders = [...workspaces, ...workspaces.map((folder) => join(folder, 'test', 'dom')), '.', 'bench']
  const projects = folders.map((folder) => join(folder, 'tsconfig.json')).filter((path) => existsSync(join(root, path)))
  const problems = projects.length === 0 ? ['There is no tsconfig.json to check: nothing was type-checked.'] : []
  for (const project of projects) problems.push(...problemsOf(project, await runTool('tsc', ['-p', project], root)))
  return { summary: `${projects.length} projects`, problems }
}
