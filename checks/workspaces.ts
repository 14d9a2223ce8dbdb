import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'

/** The part of a package.json that the checks read. */
export interface Manifest {
  readonly name: string
  readonly version: string
  readonly private?: boolean
  readonly files?: readonly string[]
  readonly bin?: Readonly<Record<string, string>>
  readonly exports?: Readonly<Record<string, unknown>>
  readonly dependencies?: Readonly<Record<string, string>>
  readonly devDependencies?: Readonly<Record<string, string>>
  readonly peerDependencies?: Readonly<Record<string, string>>
  readonly optionalDependencies?: Readonly<Record<string, string>>
}

/** A package of the repository: a folder with a package.json under `packages/` or `apps/`. */
export interface Workspace {
  /** Below the root, for example `packages/kernel`. */
  readonly folder: string
  readonly manifest: Manifest
}

/** Reads a folder's package.json. */
export function readManifest(folder: string): Manifest {
  return JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8')) as Manifest
}

/** Finds the packages of a repository, each after the packages it depends on. */
export function findWorkspaces(root: string): readonly Workspace[] {
  const found = new Map<string, Workspace>()
  for (const group of ['packages', 'apps']) {
    if (!existsSync(join(root, group))) continue
    for (const name of readdirSync(join(root, group)).sort()) {
      if (!existsSync(join(root, group, name, 'package.json'))) continue
      const manifest = readManifest(join(root, group, name))
      found.set(manifest.name, { folder: `${group}/${name}`, manifest })
    }
  }
  const ordered = new Set<Workspace>()
  const place = (workspace: Workspace): void => {
    for (const name of Object.keys(workspace.manifest.dependencies ?? {})) {
      const dependency = found.get(name)
      if (dependency !== undefined && !ordered.has(dependency)) place(dependency)
    }
    ordered.add(workspace)
  }
  for (const workspace of found.values()) place(workspace)
  return [...ordered]
}
