import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Checkpoint, Delivery, JobSpec, LedgerFile, Quarantined } from '../../src/ledger/ledger.ts'

/** A folder of its own for a test, gone with it. */
export function temporaryFolder(): Disposable & { readonly path: string } {
  const path = mkdtempSync(join(tmpdir(), 'millrace-ledger-'))
  return { path, [Symbol.dispose]: () => rmSync(path, { recursive: true, force: true }) }
}

export const jobSpec: JobSpec = {
  root: '/tree',
  processors: ['syntax@1', 'ast-json@1'],
  config: '{"workerCount":2}',
  owner: { pid: 4711, startedMs: 1_795_000_000_123.5, host: 'mill' },
  startedMs: Date.UTC(2026, 10, 21, 23, 59),
}

export function file(fileId: number, path = `src/file-${fileId}.ts`): LedgerFile {
  return {
    fileId,
    path,
    size: 1000 + fileId,
    mtimeMs: 1_795_000_000_000.25,
    stamp: `a:b:${fileId}`,
    language: 'typescript',
    kind: 'source',
  }
}

export const files = (count: number): LedgerFile[] => Array.from({ length: count }, (_, fileId) => file(fileId))

export function delivery(fileId: number, ms = fileId): Delivery {
  return { fileId, hash: fileId.toString(16).padStart(64, '0'), record: JSON.stringify({ file: fileId }), ms }
}

export function quarantined(fileId: number): Quarantined {
  return { fileId, code: 'FILE_BINARY', message: 'It is binary.', attempts: 1, evidence: '{"signal":"SIGSEGV"}' }
}

export function checkpoint(batchId: number, parts: Partial<Checkpoint> = {}): Checkpoint {
  return {
    batchId,
    complete: true,
    priority: 1,
    estimatedMs: 12.5,
    ms: 10,
    worker: 0,
    deliveries: [],
    quarantined: [],
    attempts: [],
    highlights: [],
    ...parts,
  }
}
