import { posix } from 'node:path'
import type { Outcome } from './check.ts'
import { findCircles } from './imports/circles.ts'
import { faultOf } from './imports/rules.ts'
import { readModules } from './read-modules.ts'
import { codeEndings, listFiles } from './source-files.ts'
import { findWorkspaces, readManifest } from './workspaces.ts'

/** The import rules of ARCHITECTURE.md, and no circle between the files of a package. Imports of types count. */
export async function imports(root: string): Promise<Outcome> {
  const house = { workspaces: findWorkspaces(root), root: readManifest(root) }
  const problems: string[] = []
  let count = 0
  for (const owner of house.workspaces) {
    const modules = readModules(root, listFiles(root, owner.folder, codeEndings))
    const edges = new Map<string, readonly string[]>()
    count += modules.length
    for (const { path, imports: sites } of modules) {
      for (const { specifier, line } of sites) {
        const fault = faultOf({ from: path, specifier, owner }, house)
        if (fault !== undefined) problems.push(`${path}:${line} '${specifier}' ${fault}`)
      }
      const relative = sites.filter((site) => site.specifier.startsWith('.'))
      edges.set(
        path,
        relative.map((site) => posix.join(posix.dirname(path), site.specifier)),
      )
    }
    for (const circle of findCircles(edges)) problems.push(`circle: ${circle.join(' → ')}`)
  }
  if (count === 0) problems.push('No module was read: there is nothing the rules could have held for.')
  return { summary: `${count} modules in ${house.workspaces.length} packages`, problems }
}
