import type { BatchOutcome, Sink, WriteItem } from '../../../src/sink/sink.ts'
import { aroundSink } from './around-sink.ts'

/** Leaves the idempotency keys out where a batch, of which nobody knows whether it is in, is written again. */
export function unfencedRetry(sink: Sink): Sink {
  const unknown = new Set<number>()
  return aroundSink(sink, {
    async write(batch, signal): Promise<BatchOutcome> {
      const given = new Map<WriteItem, WriteItem>()
      const bare = (item: WriteItem): WriteItem => {
        const { definition, payload, key, idempotencyKey } = item
        const written = { definition, payload, key, idempotencyKey: unknown.has(batch.id) ? undefined : idempotencyKey }
        given.set(written, item)
        return written
      }
      try {
        const outcome = await sink.write({ ...batch, waves: batch.waves.map((wave) => wave.map(bare)) }, signal)
        return new Map([...outcome].map(([item, ended]) => [given.get(item)!, ended]))
      } catch (error) {
        if (sink.failureOf(error) === 'unknown') unknown.add(batch.id)
        throw error
      }
    },
  })
}
