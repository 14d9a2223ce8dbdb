import type { Worker } from 'node:worker_threads'

/** The worker, of which every third message is not heard. */
export function hardOfHearing(worker: Worker): Worker {
  const emit = worker.emit.bind(worker) as (event: string | symbol, ...args: unknown[]) => boolean
  let messages = 0
  worker.emit = (event: string | symbol, ...args: unknown[]) =>
    (event === 'message' && ++messages % 3 === 0) || emit(event, ...args)
  return worker
}
