/** A worker of the hand-written pool: works through the files it is sent and answers with their records. */
import type { DiscoveredFile } from '@millrace/files'
import { type Work, works } from './work.ts'

export interface Order {
  readonly work: keyof typeof works
  readonly root: string
  readonly files: readonly DiscoveredFile[]
}

process.on('message', ({ work, root, files }: Order) => {
  const run: Work = works[work]
  process.send?.(files.map((file) => run(root, file)))
})
process.on('disconnect', () => process.exit(0))
