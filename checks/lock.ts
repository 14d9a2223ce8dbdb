import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Outcome } from './check.ts'

export interface LockEntry {
  readonly version?: string
  readonly optionalDependencies?: Readonly<Record<string, string>>
  readonly [field: string]: unknown
}

export interface Lockfile {
  readonly packages: Readonly<Record<string, LockEntry>>
  readonly [field: string]: unknown
}

/** An optional package that a lockfile asks for and has no entry of. */
export interface MissingEntry {
  /** Where its entry belongs, for example `node_modules/@biomejs/cli-darwin-arm64`. */
  readonly at: string
  readonly version: string
  /** Whether the one that asks for it is for development only. */
  readonly dev: boolean
}

/** The lockfiles of the repository. */
export const LOCKFILES = ['package-lock.json', 'bench/package-lock.json']

/**
 * Holds every lockfile complete. npm leaves out the optional packages (binaries for other platforms, most often) that the registry at hand
 * did not have, and a later `npm ci` then refuses the lockfile as a whole. `npm run complete-lock` adds them.
 */
export async function lock(root: string): Promise<Outcome> {
  const present = LOCKFILES.filter((path) => existsSync(join(root, path)))
  const problems = present.flatMap((path) =>
    missingEntries(readLock(join(root, path))).map(
      ({ at, version }) => `${path} has no entry ${at} (${version}); npm run complete-lock`,
    ),
  )
  return { summary: present.join(', '), problems: present.length === 0 ? ['there is no lockfile'] : problems }
}

export function readLock(path: string): Lockfile {
  return JSON.parse(readFileSync(path, 'utf8')) as Lockfile
}

/** Looks each optional dependency up the way Node would: beside the package, then in each folder above. */
export function missingEntries({ packages }: Lockfile): MissingEntry[] {
  const missing = new Map<string, MissingEntry>()
  for (const [path, { optionalDependencies = {}, dev }] of Object.entries(packages)) {
    for (const [name, version] of Object.entries(optionalDependencies)) {
      if (foldersAbove(path).some((folder) => packages[`${folder}node_modules/${name}`] !== undefined)) continue
      const at = `${path.slice(0, Math.max(0, path.lastIndexOf('node_modules/')))}node_modules/${name}`
      missing.set(at, { at, version, dev: dev === true })
    }
  }
  return [...missing.values()]
}

/** The package's own folder first, the repository's (`''`) last; a workspace's package stands in neither's `node_modules`. */
function foldersAbove(path: string): string[] {
  const folders = path === '' ? [] : [`${path}/`]
  for (let at = path.lastIndexOf('node_modules/'); at > 0; at = path.lastIndexOf('node_modules/', at - 1)) {
    folders.push(path.slice(0, at))
  }
  return [...folders, '']
}
