import { readFileSync } from 'node:fs'
import { type WorkOptions, work } from '../cluster/work.ts'

/** What a worker's process is to do; plain JSON. */
export type WorkOrder = Pick<WorkOptions, 'root' | 'workerCount' | 'config'> & {
  readonly ledger: { readonly url: string; readonly schema: string }
}

await work(JSON.parse(readFileSync(process.argv[2]!, 'utf8')) as WorkOrder)
