import { mkdirSync, mkdtempSync, realpathSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { onTestFinished } from 'vitest'
import type { DiscoveredFile } from '../src/file.ts'

/** A folder of its own under the system's temporary one, gone when the test is over. */
export function temporaryFolder(): string {
  const folder = realpathSync(mkdtempSync(join(tmpdir(), 'millrace-test-')))
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }))
  return folder
}

/** Writes files, given by path and contents, below `root`. */
export function writeTree(root: string, files: Readonly<Record<string, string | Uint8Array>>): string {
  for (const [path, contents] of Object.entries(files)) {
    const file = join(root, path)
    mkdirSync(dirname(file), { recursive: true })
    writeFileSync(file, contents)
  }
  return root
}

/** A file of a tree as discovery would find it. */
export function found(root: string, path: string): DiscoveredFile {
  const { size, mtimeMs } = statSync(join(root, path))
  return { path, size, mtimeMs, stamp: '', language: 'javascript', kind: 'source' }
}
