import type { DiscoveredFile } from '../src/file.ts'

/** A discovered file as tests need one: only what matters to the test is given. */
export function discovered(path: string, facts: Partial<DiscoveredFile> = {}): DiscoveredFile {
  return { path, size: 1000, mtimeMs: 0, stamp: '0:0:0', language: 'javascript', kind: 'source', ...facts }
}
