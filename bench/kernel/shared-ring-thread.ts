import { parentPort, workerData } from 'node:worker_threads'
import { DOUBLES, sumOf, type WayName, ways } from './shared-ring-sides.ts'

/** What the thread that takes is given: the memory of each way, and the word that starts a pass. */
export interface TakerData {
  readonly memories: Readonly<Record<WayName, SharedArrayBuffer>>
  readonly records: number
}

const { memories, records } = workerData as TakerData
const names = Object.keys(memories) as WayName[]
const consumers = Object.fromEntries(names.map((name) => [name, ways[name].consumer(memories[name])]))

let taken = 0
let sum = 0
parentPort!.on('message', (message: WayName | Float64Array) => {
  if (typeof message === 'string') parentPort!.postMessage(consumers[message]!(records))
  else {
    sum = (sum + sumOf(message, 0, DOUBLES)) >>> 0
    if (++taken % records !== 0) return
    parentPort!.postMessage(sum)
    sum = 0
  }
})
