/** All files of a folder through BullMQ, a job a file, each in a sandboxed process. Sends how many are completed. */
import { readdirSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { Queue, Worker } from 'bullmq'

const [root, workers, port] = process.argv.slice(2) as [string, string, string]
const connection = { host: '127.0.0.1', port: Number(port), maxRetriesPerRequest: null }
const queue = new Queue('files', { connection })
const paths = readdirSync(root)
const worker = new Worker('files', fileURLToPath(new URL('./bullmq-job.ts', import.meta.url)), {
  connection,
  concurrency: Number(workers),
})
let settled = 0
let delivered = 0
let failed = 0
const done = new Promise<void>((resolve) => {
  const settle = () => {
    process.send?.(delivered)
    if (++settled === paths.length) resolve()
  }
  worker.on('completed', () => {
    delivered++
    settle()
  })
  worker.on('failed', () => {
    failed++
    settle()
  })
})
worker.on('error', () => {})
await queue.addBulk(paths.map((path) => ({ name: 'file', data: { root, path } })))
await done
await worker.close()
await queue.close()
process.exitCode = failed === 0 ? 0 : 1
process.disconnect?.()
