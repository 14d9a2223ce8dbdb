/** A worker on a job of many machines, as `millrace files work` is one: where it works is in its arguments. */
import { work } from '@millrace/files/postgres'

/** What it says: that it is there, and that one of its processes has begun a batch. */
export type WorkerWord = { readonly type: 'joined' } | { readonly type: 'began'; readonly batchId: number }

const [url, schema, root, workers] = process.argv.slice(2) as [string, string, string, string]
const leave = new AbortController()
process.on('disconnect', () => leave.abort())
await work({
  ledger: { url, schema },
  root,
  workerCount: Number(workers),
  signal: leave.signal,
  onEvent(event) {
    if (event.type === 'work-waiting' || event.type === 'work-began')
      process.send?.({ type: 'joined' } satisfies WorkerWord)
    if (event.type === 'batch-started') process.send?.({ type: 'began', batchId: event.batchId } satisfies WorkerWord)
  },
})
