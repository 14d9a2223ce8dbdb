import { Batcher, VirtualClock } from '@millrace/kernel'
import { randomFrom } from '@millrace/kernel/test/property'
import type { BatchModelOptions } from '../../src/model/batch-model.ts'

/** What came of a simulation, a number for each batch, or for each intent. */
export interface Simulated {
  readonly fills: number[]
  readonly bySize: number
  /** For each batch, what its intents waited together. */
  readonly waitsByBatch: number[]
  readonly waits: number[]
  readonly ms: number
  readonly busyMs: number
}

/** Runs so many batches with the kernel's batcher on the virtual clock: a batch leaves when something triggers it and a connection is free; with `isAdaptive`, as soon as one is. */
export function simulate(
  options: Required<BatchModelOptions>,
  batches: number,
  seed: number,
  isAdaptive = false,
): Simulated {
  const { ratePerSecond, timeWindowMs, maxBatchSize, connections, fixedMs, perIntentMs } = options
  const clock = new VirtualClock()
  const random = randomFrom(seed)
  const batcher = new Batcher<number>({ maxItems: maxBatchSize, maxAgeMs: timeWindowMs, whenIdle: isAdaptive })
  /** Intents for which there is no room in the batch: it waits for a connection. */
  const waiting: number[] = []
  let free = connections
  let next = 0
  let busyMs = 0
  let bySize = 0
  let leftAt = 0
  const fills: number[] = []
  const waits: number[] = []
  const waitsByBatch: number[] = []

  const pump = () => {
    for (;;) {
      // The instant of the window's end may come out a rounding early.
      const trigger = batcher.trigger(clock.now() + 1e-9, free > 0)
      if (trigger === undefined || free === 0) return
      const batch = batcher.take()
      const now = clock.now()
      free--
      fills.push(batch.count)
      leftAt = now
      if (trigger === 'size') bySize++
      let together = 0
      for (let at = 0; at < batch.count; at++) {
        waits.push(now - batch.items[at]!)
        together += now - batch.items[at]!
      }
      waitsByBatch.push(together)
      const ms = fixedMs + perIntentMs * batch.count
      busyMs += ms
      clock.after(ms, () => {
        free++
        pump()
      })
      batcher.recycle(batch)
      while (next < waiting.length && batcher.add(waiting[next]!, 1, waiting[next]!)) next++
    }
  }
  const arrive = () => {
    const now = clock.now()
    if (next < waiting.length || !batcher.add(now, 1, now)) waiting.push(now)
    if (batcher.size === 1) clock.after(timeWindowMs, pump)
    pump()
    if (fills.length < batches) clock.after((-Math.log(random()) * 1000) / ratePerSecond, arrive)
  }
  arrive()
  while (fills.length < batches) clock.advance(1000)
  return { fills, bySize: bySize / fills.length, waitsByBatch, waits, ms: leftAt, busyMs }
}

/** The mean, and how far from the true one it may be by chance: its standard error. */
export function meanOf(values: readonly number[]): { mean: number; error: number } {
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length
  const variance = values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / (values.length - 1)
  return { mean, error: Math.sqrt(variance / values.length) }
}
