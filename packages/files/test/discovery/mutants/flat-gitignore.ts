import { nodeFs, type WalkFs } from '../../../src/discovery/walk-fs.ts'

/** Broken on purpose: reads the `.gitignore` of `root` and none below it. */
export function flatGitignore(root: string): WalkFs {
  return { ...nodeFs, readText: (path) => (path === `${root}/.gitignore` ? nodeFs.readText(path) : '') }
}
