import { existsSync, readdirSync } from 'node:fs'
import { join } from 'node:path'

const skipped = new Set(['node_modules', 'dist', 'coverage', 'fixtures'])

/**
 * Lists the files below `folder` with one of the endings, sorted, `/` between the parts and below `root`. Dependencies, build output and fixtures
 * are no source; a folder that is not there has none.
 */
export function listFiles(root: string, folder: string, endings: readonly string[]): readonly string[] {
  if (!existsSync(join(root, folder))) return []
  const found: string[] = []
  for (const entry of readdirSync(join(root, folder), { withFileTypes: true })) {
    const path = folder === '' ? entry.name : `${folder}/${entry.name}`
    if (entry.isDirectory()) {
      if (!skipped.has(entry.name) && !entry.name.startsWith('.')) found.push(...listFiles(root, path, endings))
    } else if (endings.some((ending) => entry.name.endsWith(ending))) {
      found.push(path)
    }
  }
  return found.sort()
}

/** The endings of files that hold program text here. */
export const codeEndings = ['.ts', '.mts', '.js', '.mjs']
