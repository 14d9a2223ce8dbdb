import { Worker } from 'node:worker_threads'
import { CutoutBatchProcessor } from '../../src/index.ts'

const worker = () => new Worker(new URL('../../src/worker.ts', import.meta.url))
const processor = new CutoutBatchProcessor({ worker, threads: 2 })
const { count } = await processor.fracture([0, 0, 10, 0, 10, 10, 0, 10], {
  pattern: 'grid',
  rows: 2,
  cols: 2,
  jitter: 0,
})
console.log(`${count} fragments`)
