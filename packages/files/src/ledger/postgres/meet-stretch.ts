import type { FoundFile, LedgerFile, Met } from '../ledger.ts'
import {
  changesResults,
  hasChanges,
  isReopened,
  isToUpdate,
  ledgerFile,
  type PendingFile,
  type StretchChanges,
} from '../stretch-changes.ts'
import { float8Array, int4Array, int8Array, textArray } from './binary-array.ts'

/** What the database answers to the writes of a stretch. */
export interface StretchAnswer {
  readonly firstId: number
  /** The numbers of the processors whose tags it was told, in order. */
  readonly numbers: readonly number[]
  /** Of the results that are reopened to be read again, in order. */
  readonly hashes: readonly string[]
}

/** What was sent of a stretch whose answer was lost: whether it is written nobody knows. */
export interface LostStretch {
  readonly upTo: string
  readonly reopened: ReadonlySet<number>
  readonly gone: ReadonlySet<number>
}

/** Whether there is anything to write: files handed out to be checked too, for it is others that settle them. */
export function isToWrite(changes: StretchChanges): boolean {
  return hasChanges(changes) || changes.pending.some(({ fate }) => fate === 'checked')
}

/** The arguments of the function that writes a stretch, and the tags of processors that it is told. */
export function stretchArguments(
  tree: number,
  changes: StretchChanges,
): { readonly tags: string[]; readonly values: unknown[] } {
  const { pending, gone, excluded, noLongerExcluded } = changes
  const tags: string[] = []
  const sorts = new Map<string, number>()
  const sortOf = ({ processor }: FoundFile) => {
    const known = sorts.get(processor)
    if (known !== undefined) return known
    const sort = tags.push(processor)
    sorts.set(processor, sort)
    return sort
  }
  const idsOf = (isOne: (file: PendingFile) => boolean) =>
    int4Array(pending.filter(isOne).map(({ known }) => known![1]))
  const ofFate = (fate: PendingFile['fate']) => idsOf((file) => file.fate === fate)
  const columns = (files: readonly FoundFile[]) => [
    int8Array(files.map(({ size }) => size)),
    float8Array(files.map(({ mtimeMs }) => mtimeMs)),
    textArray(files.map(({ stamp }) => stamp)),
    textArray(files.map(({ language }) => language)),
    textArray(files.map(({ kind }) => kind)),
    int4Array(files.map(sortOf)),
  ]
  const added = pending.filter(({ fate }) => fate === 'new').map(({ file }) => file)
  const updated = pending.filter(isToUpdate)
  // Two excluded names may be written the same.
  const reasons = new Map(excluded.map(({ path, reason }) => [path, reason]))
  const facts = [
    textArray(added.map(({ path }) => path)),
    ...columns(added),
    int4Array(updated.map(({ known }) => known![1])),
    ...columns(updated.map(({ file }) => file)),
  ]
  const values = [
    tree,
    changesResults(changes),
    textArray(tags),
    int4Array(gone.map(([, fileId]) => fileId)),
    ofFate('freed'),
    ofFate('reread'),
    ofFate('redone'),
    ofFate('afresh'),
    ofFate('checked'),
    idsOf(({ fate }) => isReopened(fate)),
    textArray(noLongerExcluded),
    textArray([...reasons.keys()]),
    textArray([...reasons.values()]),
    ...facts,
  ]
  return { tags, values }
}

/** What became of a stretch, for who asked. */
export function metOf(changes: StretchChanges, answer: StretchAnswer | undefined, lost: LostStretch | undefined): Met {
  const { pending, gone, unchanged, unchangedBytes, stillQuarantined } = changes
  let nextId = answer?.firstId ?? 0
  let nextHash = 0
  const reopened: number[] = []
  const toDo = pending.map(({ file, known, fate }): LedgerFile => {
    if (known === undefined) return ledgerFile(file, nextId++, null)
    const fileId = known[1]
    if (isReopened(fate) || lost?.reopened.has(fileId)) reopened.push(fileId)
    if (fate === 'reread') return ledgerFile(file, fileId, answer?.hashes[nextHash++] ?? null)
    return ledgerFile(file, fileId, fate === 'checked' || fate === 'pending' ? known[7] : null)
  })
  const removed = lost === undefined ? gone.length : new Set([...lost.gone, ...gone.map(([, fileId]) => fileId)]).size
  return { pending: toDo, reopened, unchanged, unchangedBytes, stillQuarantined, removed }
}

/** What is remembered of a stretch while its answer is outstanding, and of the time before when that was lost. */
export function sentStretch(
  { pending, gone }: StretchChanges,
  upTo: string,
  before: LostStretch | undefined,
): LostStretch {
  const reopened = new Set(before?.reopened)
  for (const { fate, known } of pending) if (isReopened(fate)) reopened.add(known![1])
  const removed = new Set(before?.gone)
  for (const [, fileId] of gone) removed.add(fileId)
  return { upTo, reopened, gone: removed }
}
