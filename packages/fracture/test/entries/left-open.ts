import { CutoutBatchProcessor } from '../../src/index.ts'

/** All that may be left open, on the caller's thread and by timers: when nothing is due any more, the process ends. */
const processor = new CutoutBatchProcessor()
const square = [0, 0, 10, 0, 10, 10, 0, 10]
let completed = 0
let streamed = 0
processor.jobCompleted.subscribe(() => completed++)
for (let seed = 0; seed < 30; seed++) processor.submitFracture(square, { seed })
processor.cancelJob(1)
void processor.prefracture(square, { seed: 99, mesh: true })
const stream = processor.createStream()
stream.push(square)
void (async () => {
  for await (const chunk of stream) streamed += chunk.length
})()
processor.createStream().push(square)
process.on('exit', () =>
  console.log(`${completed} completed, ${streamed} streamed, ${processor.stats.pending} pending`),
)
