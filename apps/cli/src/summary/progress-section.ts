import type { BatchStatistics } from '@millrace/files'
import { progressFrame } from '../progress/progress-frame.ts'
import { alignColumns } from '../text/columns.ts'
import { formatCount, formatMegabytes } from '../text/numbers.ts'
import type { View } from './sections.ts'

/** How far a job is and what each of its workers does; nothing where it does not run. */
export function progressSection(statistics: BatchStatistics | null, { width, style }: View): string[] {
  if (statistics === null) return []
  const { perWorker } = statistics
  const rows = perWorker.map(({ worker, pid, busy, utilisation, files, rssMb }) => [
    `worker ${worker}`,
    `process ${pid}`,
    busy ? 'busy' : 'idle',
    `${Math.round(utilisation * 100)} % used`,
    `${formatCount(files)} files`,
    formatMegabytes(rssMb),
  ])
  const lines = alignColumns(rows, ['left', 'left', 'left', 'right', 'right', 'right'])
  const frame = progressFrame(statistics, { width: width - 2, style })
  return ['', ...frame, ...(lines.length === 0 ? [] : ['', ...lines])].map((line) => (line === '' ? line : `  ${line}`))
}
