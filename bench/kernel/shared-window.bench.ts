import { Worker } from 'node:worker_threads'
import type { Bench } from '../harness/bench.ts'
import { compare, type Sample } from '../harness/compare.ts'
import { type WayName, ways } from './shared-window-sides.ts'
import type { WorkerData } from './shared-window-thread.ts'

/** A window may cost so much of what a ring costs, which has one reader, in order, and no say in what was sent. */
const WITHIN_2X = 1 / 2

/**
 * What does a task of 64 doubles cost, there and back, to one other thread: written in place, claimed, worked on in
 * private memory, the result returned through a ring? Time on the wall: what two threads spend at the same time counts
 * once.
 */
export default async function sharedWindow(bench: Bench): Promise<void> {
  const tasks = bench.quick ? 100_000 : 400_000
  const memories = { window: ways.window.create(), ring: ways.ring.create() }
  const workerData: WorkerData = { memories, tasks }
  const worker = new Worker(new URL('./shared-window-thread.ts', import.meta.url), { workerData })
  try {
    const through = (way: WayName) => {
      const delegate = ways[way].main(memories[way])
      return (): Sample => {
        worker.postMessage(way)
        const started = performance.now()
        const checksum = delegate(tasks)
        return { value: ((performance.now() - started) * 1e6) / tasks, checksum }
      }
    }
    const [ours, ring] = [through('window'), through('ring')]
    for (const warmUp of [ours, ring, ours, ring]) warmUp()
    await compare(bench, {
      id: 'shared-window/there-and-back',
      unit: 'ns',
      rounds: bench.quick ? 5 : 15,
      ours,
      peers: [{ name: 'two SharedRings', goal: WITHIN_2X, sample: ring }],
    })
  } finally {
    await worker.terminate()
  }
}
