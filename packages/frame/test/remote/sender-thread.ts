import { workerData } from 'node:worker_threads'
import { JobSender } from '../../src/remote/job-sender.ts'

/** What the thread is given. */
export interface SenderThreadData {
  readonly ring: SharedArrayBuffer
  readonly systems: readonly number[]
  readonly sender: number
  /** The first job, and the one after the last. */
  readonly from: number
  readonly to: number
  /** One word: how many jobs were accepted. */
  readonly accepted: SharedArrayBuffer
}

/** Sends numbered jobs to the systems in turn, as fast as there is room. */

const { ring, systems, sender, from, to, accepted } = workerData as SenderThreadData
const jobs = new JobSender(ring)
const count = new Int32Array(accepted)

for (let job = from; job < to; job++) {
  const words = new Int32Array(2 + (job % 5)).fill(job)
  words[0] = sender
  const payload = new Uint8Array(words.buffer)
  while (!jobs.submit(systems[job % systems.length]!, payload)) jobs.wait(payload.byteLength)
  Atomics.store(count, 0, job + 1)
}
