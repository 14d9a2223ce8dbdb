import { mkdirSync, statSync } from 'node:fs'
import { dirname } from 'node:path'

/**
 * Makes a folder and those it lies in, where they are missing; synchronous, for it is done once.
 *
 * One after the other, and each once: where a file system answers `ENOENT` to a folder that it will not make, as `/proc` does, the recursion of `mkdir` never ends.
 * @throws what the file system says of the first that cannot be made.
 */
export function makeFolder(folder: string): void {
  const missing: string[] = []
  for (let each = folder; !isThere(each); each = dirname(each)) {
    missing.push(each)
    if (dirname(each) === each) break
  }
  for (const each of missing.reverse()) {
    try {
      mkdirSync(each)
    } catch (error) {
      // Another process was quicker.
      if ((error as NodeJS.ErrnoException).code !== 'EEXIST' || !statSync(each).isDirectory()) throw error
    }
  }
}

/** Whether it is a folder; a file there is what making a folder in it complains of. */
function isThere(folder: string): boolean {
  return statSync(folder, { throwIfNoEntry: false })?.isDirectory() === true
}
