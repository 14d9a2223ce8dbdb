import { cpSync, existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { build } from './build.ts'
import { repository, runTool } from './run-tool.ts'
import { findWorkspaces, type Manifest, type Workspace } from './workspaces.ts'

/** A packed package. */
export interface Tarball {
  readonly workspace: Workspace
  /** Absolute path of the .tgz. */
  readonly path: string
}

/** The export condition by which packages of the repository find each other's sources. */
const sourceCondition = 'millrace-source'

/**
 * Packs each public package of a built repository into `out`, dependencies first.
 *
 * A package is packed from a staging copy: its `files`, README.md, the root's LICENSE, and a package.json without the parts
 * that mean nothing outside the repository (the source condition, scripts, development dependencies).
 * @throws where a package is not built, has no README.md, or npm refuses.
 */
export async function pack(root: string, out: string): Promise<readonly Tarball[]> {
  mkdirSync(out, { recursive: true })
  const tarballs: Tarball[] = []
  for (const workspace of findWorkspaces(root)) {
    if (workspace.manifest.private === true) continue
    const staging = mkdtempSync(join(tmpdir(), 'millrace-pack-'))
    try {
      stage(root, workspace, staging)
      const { code, output } = await runTool(
        'npm',
        ['pack', staging, '--pack-destination', out, '--ignore-scripts'],
        root,
      )
      if (code !== 0) throw new Error(`npm pack of ${workspace.folder} exited ${code}\n${output}`)
    } finally {
      rmSync(staging, { recursive: true })
    }
    tarballs.push({ workspace, path: join(out, tarballName(workspace.manifest)) })
  }
  return tarballs
}

/** Returns the manifest as it is published. */
export function publishedManifest(manifest: Manifest): Manifest {
  const { devDependencies: _, ...kept } = manifest
  return JSON.parse(
    JSON.stringify(kept, (key, value) => (key === 'scripts' || isOfSources(key, value) ? undefined : value)),
  )
}

/** A condition of the sources, or an export that has no other. */
function isOfSources(key: string, value: unknown): boolean {
  if (typeof value !== 'object' || value === null) return key === sourceCondition
  const conditions = Object.keys(value)
  return conditions.length === 1 && conditions[0] === sourceCondition
}

function stage(root: string, { folder, manifest }: Workspace, staging: string): void {
  const copy = (from: string, name: string): void => {
    if (!existsSync(join(root, from))) throw new Error(`${folder} cannot be packed: ${from} is missing`)
    cpSync(join(root, from), join(staging, name), { recursive: true })
  }
  for (const name of manifest.files ?? []) copy(`${folder}/${name}`, name)
  copy(`${folder}/README.md`, 'README.md')
  copy('LICENSE', 'LICENSE')
  writeFileSync(join(staging, 'package.json'), `${JSON.stringify(publishedManifest(manifest), null, 2)}\n`)
}

function tarballName({ name, version }: Manifest): string {
  return `${name.replace('@', '').replace('/', '-')}-${version}.tgz`
}

if (import.meta.main) {
  const out = join(repository, 'dist')
  rmSync(out, { recursive: true, force: true })
  const problems = await build(repository)
  if (problems.length > 0) throw new Error(problems.join('\n'))
  for (const { path } of await pack(repository, out)) console.log(path)
}
