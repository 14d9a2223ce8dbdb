import type { Books, Checkpoint, FoundFile, JobState, MeetOptions, Unmet } from '../../src/ledger/ledger.ts'
import { checkpoint, chunk, hashOf } from './samples.ts'

/** What is on the disk at a path: a file with contents, which any edit gives another stamp, or something excluded. */
export interface OnDisk {
  readonly contents: number
  readonly stamp: string
  readonly excluded: boolean
}

interface Result {
  readonly contents: number
  readonly version: number
}

interface ModelFile {
  readonly id: number
  stamp: string
  version: number
  state: 'pending' | 'delivered' | 'quarantined'
  result: (Result & { readonly job: number; readonly stamp: string | null }) | undefined
  kept: Result | undefined
}

interface ModelBatch {
  complete: boolean
  delivered: number
  quarantined: number
}

interface ModelJob {
  state: JobState
  starts: number
  books: Books | undefined
  readonly batches: Map<number, ModelBatch>
}

export interface Settlement {
  readonly fileId: number
  readonly as: 'read' | 'quarantined'
  /** Whether the file was touched so shortly before it was read that its stamp says nothing. */
  readonly fresh: boolean
}

/** A refusal, by its code. */
class Refusal extends Error {
  readonly code: string
  constructor(code: string) {
    super(code)
    this.code = code
  }
}

export const recordOf = (path: string, { contents, version }: Result) => JSON.stringify({ path, contents, version })

/** What a ledger ought to hold of one tree, in the plainest form there is. Jobs go by their number. */
export class LedgerModel {
  jobs: ModelJob[] = []
  current = -1
  files = new Map<string, ModelFile>()
  excluded = new Set<string>()
  nextId = 0
  /** Files that the running job may settle although they are delivered. Forgotten in a crash. */
  checked = new Set<number>()
  /** Where each job's discovery is; null once it ended. Forgotten in a crash. */
  metUpTo = new Map<number, string | null>()

  copy(): LedgerModel {
    return Object.assign(new LedgerModel(), structuredClone({ ...this }))
  }

  /** What a crash takes. */
  forget(): void {
    this.metUpTo.clear()
    this.checked.clear()
  }

  enqueue(): void {
    this.jobs.push({ state: 'queued', starts: 0, books: undefined, batches: new Map() })
  }

  start(job: number): number {
    const it = this.jobs[job]!
    if (it.state === 'done') throw new Refusal('JOB_DONE')
    this.#mustHaveTree(job)
    const before = this.jobs[this.current]
    if (before !== undefined && before !== it) before.books ??= this.count()
    this.current = job
    Object.assign(it, { state: 'running', starts: it.starts + 1, books: undefined })
    this.metUpTo.set(job, '')
    this.checked.clear()
    return Math.max(-1, ...it.batches.keys()) + 1
  }

  finish(job: number, state: JobState): void {
    const it = this.jobs[job]!
    if (it.starts === 0) it.books = { discovered: 0, delivered: 0, quarantined: 0, excluded: 0 }
    else if (job === this.current) it.books = this.count()
    it.state = state
    this.metUpTo.delete(job)
  }

  meet(
    job: number,
    disk: ReadonlyMap<string, OnDisk>,
    count: number,
    within: readonly string[] | undefined,
    version: number,
    options: MeetOptions,
  ) {
    const after = this.#running(job)
    if (after === null) throw new Refusal('LEDGER_CONFLICT')
    const paths = within === undefined ? nextPaths(disk, after, count) : pathsWithin(disk, within)
    const upTo = within === undefined ? (paths.at(-1) ?? after) : after
    const isMet = (path: string) => (within === undefined ? path > after && path <= upTo : lies(path, within))
    const met = { pending: [] as number[], reopened: [] as number[], unchanged: 0, stillQuarantined: 0, removed: 0 }
    met.removed = this.#remove((path) => isMet(path) && (disk.get(path)?.excluded ?? true))
    for (const path of paths) {
      const { stamp, excluded } = disk.get(path)!
      if (excluded) {
        this.excluded.add(path)
        continue
      }
      this.excluded.delete(path)
      let file = this.files.get(path)
      if (file === undefined) {
        file = { id: this.nextId++, stamp, version, state: 'pending', result: undefined, kept: undefined }
        this.files.set(path, file)
      }
      const { result } = file
      const own = result?.job === job
      const stale = file.version !== version || (options.reuse === 'none' && !own)
      if (result !== undefined && !stale && result.stamp === stamp) {
        if (own || options.reuse === 'stamp') met.unchanged++
        else {
          file.stamp = stamp
          this.checked.add(file.id)
          met.pending.push(file.id)
        }
        continue
      }
      if (
        file.state === 'quarantined' &&
        file.stamp === stamp &&
        file.version === version &&
        !options.retryQuarantined
      ) {
        met.stillQuarantined++
        continue
      }
      if (file.state !== 'pending') met.reopened.push(file.id)
      if (result !== undefined) file.kept = { contents: result.contents, version: result.version }
      if (stale) file.kept = undefined
      Object.assign(file, { state: 'pending', stamp, version, result: undefined })
      met.pending.push(file.id)
    }
    this.metUpTo.set(job, upTo)
    return met
  }

  endDiscovery(job: number, unmet: Unmet): number {
    const after = this.#running(job)
    if (after === null) return 0
    this.metUpTo.set(job, null)
    if (unmet === 'stands') return 0
    return this.#remove((path) => path > after)
  }

  commit(
    job: number,
    { batchId, complete, deliveries, confirmed, quarantined }: Checkpoint,
    version: number,
  ): number[] {
    this.#running(job)
    const { batches } = this.jobs[job]!
    const batch = batches.get(batchId) ?? { complete: false, delivered: 0, quarantined: 0 }
    if (batch.complete) throw new Refusal('LEDGER_CONFLICT')
    const gone: number[] = []
    const settle = (fileId: number, state: ModelFile['state'], make: (file: ModelFile) => ModelFile['result']) => {
      const file = [...this.files.values()].find(({ id }) => id === fileId)
      if (file === undefined && fileId < this.nextId) {
        gone.push(fileId)
        return
      }
      if (file === undefined || (file.state !== 'pending' && !this.checked.delete(fileId))) {
        throw new Refusal('LEDGER_CONFLICT')
      }
      Object.assign(file, { state, result: make(file), kept: undefined })
      if (state === 'delivered') batch.delivered++
      else batch.quarantined++
    }
    for (const { fileId, stamp, hash } of deliveries) {
      settle(fileId, 'delivered', () => ({ contents: Number.parseInt(hash, 16), version, job, stamp }))
    }
    for (const { fileId, stamp } of confirmed) {
      settle(fileId, 'delivered', ({ result, kept = result }) => {
        if (kept === undefined) throw new Refusal('LEDGER_CONFLICT')
        return { ...kept, job, stamp }
      })
    }
    for (const { fileId } of quarantined) settle(fileId, 'quarantined', () => undefined)
    batch.complete = complete
    batches.set(batchId, batch)
    return [...new Set(gone)]
  }

  reopenQuarantined(job: number): number[] {
    this.#mustHaveTree(job)
    if (this.jobs[job]!.starts === 0) return []
    const poison = [...this.files].filter(([, { state }]) => state === 'quarantined').sort()
    for (const [, file] of poison) file.state = 'pending'
    return poison.map(([, { id }]) => id)
  }

  count(): Books {
    const inState = (state: string) => [...this.files.values()].filter((file) => file.state === state).length
    return {
      discovered: this.files.size + this.excluded.size,
      delivered: inState('delivered'),
      quarantined: inState('quarantined'),
      excluded: this.excluded.size,
    }
  }

  /** What a worker would report of a file, from what is on the disk now. */
  checkpointOf(
    batchId: number,
    complete: boolean,
    settlements: readonly Settlement[],
    disk: ReadonlyMap<string, OnDisk>,
    version: number,
  ): Checkpoint {
    const parts = { deliveries: [], confirmed: [], quarantined: [] } as {
      [Part in 'deliveries' | 'confirmed' | 'quarantined']: Checkpoint[Part][number][]
    }
    for (const { fileId, as, fresh } of settlements) {
      const [path = 'gone', file] = [...this.files].find(([, { id }]) => id === fileId) ?? []
      const there = disk.get(path)
      const stamp = fresh ? null : (there?.stamp ?? 'gone')
      const contents = there?.contents ?? 0
      if (as === 'quarantined') {
        parts.quarantined.push({ fileId, code: 'EIO', message: 'no', attempts: 1, evidence: '{}' })
      } else if ((file?.kept ?? file?.result)?.contents === contents) parts.confirmed.push({ fileId, stamp })
      else {
        const record = recordOf(path, { contents, version })
        parts.deliveries.push({ fileId, hash: hashOf(contents), record, ms: 1, stamp })
      }
    }
    return checkpoint(batchId, { complete, ...parts })
  }

  #remove(isGone: (path: string) => boolean): number {
    const gone = [...this.files.keys()].filter(isGone)
    for (const path of gone) this.files.delete(path)
    for (const path of this.excluded) if (isGone(path)) this.excluded.delete(path)
    return gone.length
  }

  #mustHaveTree(job: number): void {
    if (this.jobs[job]!.starts > 0 && this.current !== job) throw new Refusal('JOB_SUPERSEDED')
  }

  #running(job: number): string | null {
    this.#mustHaveTree(job)
    const after = this.metUpTo.get(job)
    if (after === undefined) throw new Refusal('JOB_NOT_STARTED')
    return after
  }
}

/** The next paths of a walk; they are ASCII, so that their order is the order of their bytes. */
export function nextPaths(disk: ReadonlyMap<string, OnDisk>, after: string, count: number): string[] {
  return [...disk.keys()]
    .filter((path) => path > after)
    .sort()
    .slice(0, count)
}

/** All there is at some paths and below them, in order. */
export function pathsWithin(disk: ReadonlyMap<string, OnDisk>, within: readonly string[]): string[] {
  return [...disk.keys()].filter((path) => lies(path, within)).sort()
}

function lies(path: string, within: readonly string[]): boolean {
  return within.some((at) => path === at || path.startsWith(`${at}/`))
}

/** A stretch as discovery would hand it over. */
export function stretchOf(disk: ReadonlyMap<string, OnDisk>, paths: readonly string[], version: number) {
  const files = paths
    .filter((path) => !disk.get(path)!.excluded)
    .map(
      (path): FoundFile => ({
        path,
        size: 1,
        mtimeMs: 1,
        stamp: disk.get(path)!.stamp,
        language: null,
        kind: 'other',
        processor: `syntax@${version}`,
      }),
    )
  const excluded = paths.filter((path) => disk.get(path)!.excluded).map((path) => ({ path, reason: 'hidden' as const }))
  return chunk(files, excluded)
}
