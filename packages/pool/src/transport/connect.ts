import type { CheckedPoolOptions } from '../pool-options.ts'
import { InlineTransport } from './inline-transport.ts'
import { ThreadsTransport } from './threads-transport.ts'
import type { Transport, TransportEvents } from './transport.ts'

/** The transport that the options ask for. */
export function connect(options: CheckedPoolOptions, events: TransportEvents): Transport {
  const { worker, tasks, threads, sharedMemory } = options
  if (threads === 0) return new InlineTransport(tasks ?? {}, options.clock, events)
  if (worker === undefined) throw new TypeError('checked options have a worker')
  return new ThreadsTransport({ ...options, worker, shared: sharedMemory }, events)
}
