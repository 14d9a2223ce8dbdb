import { parentPort, workerData } from 'node:worker_threads'
import { type Memories, type WayName, ways } from './shared-window-sides.ts'

/** What the thread that works is given: the memory of each way, and the word that starts a pass. */
export interface WorkerData {
  readonly memories: Readonly<Record<WayName, Memories>>
  readonly tasks: number
}

const { memories, tasks } = workerData as WorkerData
const workers = {
  window: ways.window.worker(memories.window),
  ring: ways.ring.worker(memories.ring),
}

parentPort!.on('message', (way: WayName) => workers[way](tasks))
