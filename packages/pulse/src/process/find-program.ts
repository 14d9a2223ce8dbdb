import { access, constants } from 'node:fs/promises'
import { delimiter, isAbsolute, join } from 'node:path'

/** The path of the first of `names` that is in a folder of `searchPath`, and may be run; undefined if none is. Relative folders are passed over. */
export async function findProgram(names: readonly string[], searchPath: string): Promise<string | undefined> {
  const folders = searchPath.split(delimiter).filter(isAbsolute)
  for (const name of names) {
    for (const folder of folders) {
      const path = join(folder, name)
      if (await mayRun(path)) return path
    }
  }
  return undefined
}

async function mayRun(path: string): Promise<boolean> {
  try {
    await access(path, constants.X_OK)
    return true
  } catch {
    return false
  }
}
