import { parentPort } from 'node:worker_threads'
import { simulate } from '../../src/simulate/simulate.ts'
import { worldOf } from './simulate-seeds.ts'

/** Simulates the seeds that it is sent, one after another. */
parentPort!.on('message', async ({ seed, checks }: { seed: number; checks: number }) => {
  parentPort!.postMessage(await simulate({ ...worldOf(seed), checks }))
})
