import { MillraceError } from '@millrace/kernel/errors'
import type { Highlight, Processor } from '../processor/processor.ts'
import type { IndexedHighlight } from './executor.ts'

/** Entries kept of each list, per report. */
const KEPT = 20
const MAX_NAME_CHARS = 100
const MAX_LABEL_CHARS = 500

/**
 * The entries that a processor gave for one file, as plain data.
 * @throws {MillraceError} `RECORD_INVALID` where one is not `{ list, label, value }`.
 */
export function checkedHighlights(index: number, given: readonly Highlight[], { name }: Processor): IndexedHighlight[] {
  return Array.from(given, (highlight) => {
    const { list, label, value } = highlight
    if (typeof list === 'string' && typeof label === 'string' && Number.isFinite(value)) {
      return { index, list: list.slice(0, MAX_NAME_CHARS), label: label.slice(0, MAX_LABEL_CHARS), value }
    }
    throw new MillraceError(
      'RECORD_INVALID',
      `The processor "${name}" gave a highlight that is not { list: string, label: string, value: number }.`,
    )
  })
}

/** The largest entries of each list. */
export function topOfEachList(highlights: readonly IndexedHighlight[]): IndexedHighlight[] {
  const kept = new Map<string, number>()
  return highlights
    .toSorted((a, b) => b.value - a.value)
    .filter(({ list }) => {
      const count = (kept.get(list) ?? 0) + 1
      kept.set(list, count)
      return count <= KEPT
    })
}
