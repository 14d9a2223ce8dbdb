/** A worker on jobs of many machines, as `millrace files work` is one: it works where it is told, one place after another. */
import { work } from '@millrace/files/postgres'

export interface WorkPlace {
  readonly url: string
  readonly schema: string
  readonly root: string
  /** Worker processes of its own. */
  readonly workers: number
}

/** What it is told: where to work, and to leave. */
export type WorkerOrder = ({ readonly type: 'work' } & WorkPlace) | { readonly type: 'leave' }

/** What it says: that it is there, that one of its processes has begun a batch, and that it has left. */
export type WorkerWord =
  | { readonly type: 'joined' }
  | { readonly type: 'began'; readonly batchId: number }
  | { readonly type: 'left' }

let leave = new AbortController()
/** Whoever asked may have gone, and hears nothing more. */
const say = (word: WorkerWord) => process.send?.(word, () => {})

process.on('disconnect', () => leave.abort())
process.on('message', async (order: WorkerOrder) => {
  if (order.type === 'leave') return leave.abort()
  const { url, schema, root, workers } = order
  leave = new AbortController()
  await work({
    ledger: { url, schema },
    root,
    workerCount: workers,
    signal: leave.signal,
    onEvent(event) {
      if (event.type === 'work-waiting' || event.type === 'work-began') say({ type: 'joined' })
      if (event.type === 'batch-started') say({ type: 'began', batchId: event.batchId })
    },
  })
  say({ type: 'left' })
})
