import type { CopiedStretch, DuplicatesReport } from '@millrace/files'
import { alignColumns } from '../text/columns.ts'
import { formatCount, formatItems, formatShare } from '../text/numbers.ts'
import { fitMiddle, printable } from '../text/width.ts'
import type { View } from './sections.ts'

/** What was written twice: one sentence, and the longest copies as a table. */
export function duplicatesTable(
  { files, tokens, duplicates, duplicated, passedOver }: DuplicatesReport,
  limit: number,
  { style, width }: View,
): string {
  const share = formatShare(duplicated * tokens, Math.max(tokens, 1))
  const sentence =
    duplicates.length === 0
      ? `Nothing in ${formatItems(files, 'file')} was written twice.`
      : `${formatItems(duplicates.length, 'copy', 'copies')} in ${formatItems(files, 'file')}: ${share} of ${formatItems(tokens, 'token')} stand more than once.`
  const room = Math.max(12, Math.floor((width - 14) / 2))
  const place = ({ path, line, endLine }: CopiedStretch) =>
    fitMiddle(`${printable(path)}:${line}-${endLine}`, room, style.symbols.ellipsis)
  const rows = duplicates
    .slice(0, limit)
    .map(({ tokens, one, other }) => [formatCount(tokens), place(one), place(other)])
  const [head = '', ...lines] = alignColumns([['TOKENS', 'HERE', 'AND HERE'], ...rows], ['right', 'left', 'left'])
  const rest = duplicates.length - rows.length
  return [
    sentence,
    ...(rows.length === 0 ? [] : ['', style.dim(head), ...lines]),
    ...(rest > 0 ? [style.dim(`… and ${formatItems(rest, 'shorter one')}: --limit shows more`)] : []),
    ...(passedOver > 0
      ? [
          style.dim(
            `${formatItems(passedOver, 'fingerprint')} found in more than 20 places ${passedOver === 1 ? 'is' : 'are'} passed over.`,
          ),
        ]
      : []),
    '',
  ].join('\n')
}
