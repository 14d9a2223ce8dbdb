/** All files of a folder through piscina, so many a task. Sends how many results have come. */
import { readdirSync } from 'node:fs'
import { Piscina } from 'piscina'

const [root, workers, chunk] = process.argv.slice(2) as [string, string, string]
const paths = readdirSync(root)
const pool = new Piscina({
  filename: new URL('./piscina-task.ts', import.meta.url).href,
  maxThreads: Number(workers),
  minThreads: Number(workers),
})
let delivered = 0
const tasks: Promise<unknown>[] = []
for (let start = 0; start < paths.length; start += Number(chunk)) {
  const task = pool.run({ root, paths: paths.slice(start, start + Number(chunk)) }) as Promise<string[]>
  tasks.push(
    task.then((records) => {
      delivered += records.length
      process.send?.(delivered)
    }),
  )
}
const settled = await Promise.allSettled(tasks)
await pool.close()
process.exitCode = settled.some(({ status }) => status === 'rejected') ? 1 : 0
process.disconnect?.()
