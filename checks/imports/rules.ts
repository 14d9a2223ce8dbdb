import { isBuiltin } from 'node:module'
import { posix } from 'node:path'
import type { Manifest, Workspace } from '../workspaces.ts'

/** Where an import stands and what it names. */
export interface ImportOf {
  /** The importing file, below the root. */
  readonly from: string
  readonly specifier: string
  /** The package that the importing file is part of. */
  readonly owner: Workspace
}

/** What the rules know of the repository. */
export interface House {
  readonly workspaces: readonly Workspace[]
  /** The root's package.json: tests may use its development dependencies. */
  readonly root: Manifest
}

/** Imports run down these storeys only: to a lower one, never to the same. */
function storeyOf({ folder }: Workspace): { height: number; name: string } {
  if (folder === 'packages/kernel') return { height: 0, name: 'the kernel' }
  if (folder === 'packages/pool') return { height: 1, name: 'the pool' }
  return folder.startsWith('packages/') ? { height: 2, name: 'a system' } : { height: 3, name: 'an app' }
}

/** Says what is wrong with one import, or undefined where nothing is. */
export function faultOf({ from, specifier, owner }: ImportOf, house: House): string | undefined {
  const inSource = from.startsWith(`${owner.folder}/src/`)
  if (specifier.startsWith('.')) {
    const target = posix.join(posix.dirname(from), specifier)
    if (!target.startsWith(`${owner.folder}/`))
      return 'reaches out of its package by path; import the package by its name'
    const leavesSource = inSource && !target.startsWith(`${owner.folder}/src/`)
    return leavesSource ? 'leaves src, which is all that gets built and published' : undefined
  }
  const pure = inSource && owner.folder === 'packages/kernel'
  if (isBuiltin(specifier)) return pure ? 'is a Node builtin; the kernel runs in browsers too' : undefined
  const name = packageNameOf(specifier)
  if (name === owner.manifest.name && !inSource) return faultOfPath(specifier, owner)
  if (pure) return 'is a dependency; the kernel has none'
  const workspace = house.workspaces.find((candidate) => candidate.manifest.name === name)
  if (workspace !== undefined) {
    const here = storeyOf(owner)
    const there = storeyOf(workspace)
    if (here.height <= there.height) return `goes from ${here.name} to ${there.name}; imports run downwards only`
  }
  if (!isListed(name, owner.manifest, inSource ? undefined : house.root)) {
    return `is not listed in the dependencies of ${owner.folder}/package.json`
  }
  return workspace === undefined ? undefined : faultOfPath(specifier, workspace)
}

function faultOfPath(specifier: string, { manifest }: Workspace): string | undefined {
  const subpath = `.${specifier.slice(manifest.name.length)}`
  return Object.keys(manifest.exports ?? {}).some((pattern) => isOf(pattern, subpath))
    ? undefined
    : `is a deep path that ${manifest.name} does not export`
}

/** As Node matches a subpath with a key of `exports`: `*` stands for any path. */
function isOf(pattern: string, subpath: string): boolean {
  const [start = '', end] = pattern.split('*')
  if (end === undefined) return subpath === pattern
  return subpath.length >= pattern.length && subpath.startsWith(start) && subpath.endsWith(end)
}

function packageNameOf(specifier: string): string {
  return specifier.split('/', specifier.startsWith('@') ? 2 : 1).join('/')
}

/** `root` is given where the development dependencies of the package and of the repository count, too. */
function isListed(name: string, manifest: Manifest, root: Manifest | undefined): boolean {
  const lists = [manifest.dependencies, manifest.peerDependencies, manifest.optionalDependencies]
  if (root !== undefined) lists.push(manifest.devDependencies, root.devDependencies)
  return lists.some((list) => list !== undefined && Object.hasOwn(list, name))
}
