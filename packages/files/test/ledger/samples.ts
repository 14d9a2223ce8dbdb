import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import type { ExcludedFile } from '../../src/file.ts'
import type {
  Checkpoint,
  Delivery,
  FoundChunk,
  FoundFile,
  JobOwner,
  JobSpec,
  LedgerFile,
  MeetOptions,
  Quarantined,
} from '../../src/ledger/ledger.ts'
import type { Ownership } from '../../src/ledger/owner-lock.ts'
import { migrate } from '../../src/ledger/schema.ts'

/** A folder of its own for a test, gone with it. */
export function temporaryFolder(): Disposable & { readonly path: string } {
  const path = mkdtempSync(join(tmpdir(), 'millrace-ledger-'))
  return { path, [Symbol.dispose]: () => rmSync(path, { recursive: true, force: true }) }
}

/** An empty ledger's database in memory. */
export function memoryDatabase(): DatabaseSync {
  const db = new DatabaseSync(':memory:')
  migrate(db)
  return db
}

/** Of a ledger that nobody else can have. */
export const owned: Ownership = { held: true, tryTake: () => true, [Symbol.dispose]() {} }

export const owner: JobOwner = { pid: 4711, startedMs: 1_795_000_000_123.5, host: 'mill' }

export const jobSpec: JobSpec = {
  root: '/tree',
  processors: ['syntax@1', 'ast-json@1'],
  config: '{"workerCount":2}',
  priority: 1,
  owner,
  createdMs: Date.UTC(2026, 10, 21, 23, 59),
}

export const byStamp: MeetOptions = { reuse: 'stamp', retryQuarantined: false }

/** The path of the n-th sample; they ascend as n does. */
export const pathOf = (n: number) => `src/file-${String(n).padStart(6, '0')}.ts`

export function found(n: number, parts: Partial<FoundFile> = {}): FoundFile {
  return {
    path: pathOf(n),
    size: 1000 + n,
    mtimeMs: 1_795_000_000_000.25,
    stamp: `a:b:${n}`,
    language: 'typescript',
    kind: 'source',
    processor: 'syntax@1',
    ...parts,
  }
}

export function foundFiles(count: number, from = 0): FoundFile[] {
  return Array.from({ length: count }, (_, n) => found(from + n))
}

export function chunk(files: readonly FoundFile[], excluded: readonly ExcludedFile[] = []): FoundChunk {
  return { files, excluded }
}

/** The file that the ledger makes of {@link found}. */
export function file(n: number, fileId = n, knownHash: string | null = null): LedgerFile {
  const { processor: _, ...facts } = found(n)
  return { ...facts, fileId, knownHash }
}

export const hashOf = (n: number) => n.toString(16).padStart(64, '0')

export function delivery(fileId: number, parts: Partial<Delivery> = {}): Delivery {
  return {
    fileId,
    hash: hashOf(fileId),
    record: JSON.stringify({ file: fileId }),
    ms: fileId,
    stamp: `a:b:${fileId}`,
    ...parts,
  }
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
    confirmed: [],
    quarantined: [],
    attempts: [],
    highlights: [],
    ...parts,
  }
}
