import { parentPort, workerData } from 'node:worker_threads'
import { SharedRingConsumer, SharedRingProducer } from '@millrace/kernel'
import { DOUBLES } from '../polygon.ts'
import { echo } from '../work.ts'
import { BATCH, BYTES, LOOKS, type RingPair } from './bare-ring.ts'

const pair = workerData as RingPair
const inputs = new SharedRingConsumer(pair.inputs)
const results = new SharedRingProducer(pair.results)
const source = new Float64Array(pair.inputs)
const target = new Float64Array(pair.results)
/** What a task is given must not change under its hands, so it is private. */
const own = new Float64Array(DOUBLES)

parentPort!.on('message', (count: number) => {
  for (let done = 1; done <= count; done++) {
    const from = next() >> 3
    for (let index = 0; index < DOUBLES; index++) own[index] = source[from + index]!
    inputs.release()
    let place = results.reserve(BYTES)
    for (; place < 0; place = results.reserve(BYTES)) results.wait(BYTES)
    target.set(echo(own), place >> 3)
    results.commit(BYTES)
    if (done % BATCH === 0) results.publish()
  }
  results.publish()
  inputs.publish()
})

function next(): number {
  let place = inputs.next()
  for (let looks = 0; place < 0; looks++) {
    if (looks === 0) results.publish()
    if (looks >= LOOKS) inputs.wait()
    place = inputs.next()
  }
  return place
}
