/** A coordinator or a worker in a process of its own, as its first argument says in JSON; what it says, a line of JSON each. */
import { writeSync } from 'node:fs'
import { MillraceError } from '@millrace/kernel'
import { Cluster, work } from '../../src/cluster/index.ts'
import { BatchProcessingEngine } from '../../src/files.ts'
import type { Books } from '../../src/ledger/ledger.ts'

export type ProcessOrder = { readonly url: string; readonly root: string } & (
  | {
      readonly role: 'coordinator'
      readonly stateDir: string
      readonly out: string
      readonly processors: readonly string[]
      readonly batchSize: number
    }
  | { readonly role: 'worker' }
)

export type ProcessLine =
  | { readonly type: 'started' }
  | { readonly type: 'committed'; readonly files: number }
  | { readonly type: 'lost' }
  | { readonly type: 'ended'; readonly books: Books; readonly balanced: boolean }
  | { readonly type: 'failed'; readonly code: string; readonly message: string }

const order = JSON.parse(process.argv[2]!) as ProcessOrder
const ledger = { url: order.url }

function tell(line: ProcessLine): void {
  writeSync(1, `${JSON.stringify(line)}\n`)
}

try {
  if (order.role === 'worker') {
    await work({
      ledger,
      root: order.root,
      workerCount: 1,
      onEvent(event) {
        if (event.type === 'work-began') tell({ type: 'started' })
        if (event.type === 'work-committed') tell({ type: 'committed', files: event.files })
        if (event.type === 'batch-lost') tell({ type: 'lost' })
      },
    })
  } else {
    const { root, stateDir, out, processors, batchSize } = order
    await using home = await Cluster.open({ ledger })
    await using engine = new BatchProcessingEngine(
      { stateDir, out, processors, batchSize, maxPauseSeconds: 60 },
      { home },
    )
    engine.events.subscribe(({ type }) => type === 'job-started' && tell({ type: 'started' }))
    const { books, balanced } = await engine.resumeFailedBatchJob().catch((error) => {
      if (error instanceof MillraceError && error.code === 'NOTHING_TO_RESUME') return engine.processRepository(root)
      throw error
    })
    tell({ type: 'ended', books, balanced })
  }
} catch (error) {
  if (!(error instanceof MillraceError)) throw error
  tell({ type: 'failed', code: error.code, message: error.message })
}
