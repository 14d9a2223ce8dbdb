import { Reorder } from '@millrace/kernel/deliver/reorder'
import type { FractureResult } from '../result/fracture-result.ts'
import type { FractureStream } from './fracture-stream.ts'

/** The results of a stream of `count` polygons in their order, `chunkSize` at a time, the last chunk perhaps smaller. */
export async function* inOrder(
  stream: FractureStream,
  count: number,
  chunkSize: number,
): AsyncGenerator<FractureResult[], void, undefined> {
  const ordered = new Reorder<FractureResult>({ window: Math.max(1, count) })
  let chunk: FractureResult[] = []
  for await (const results of stream) {
    for (const { index, result } of results) ordered.put(index, result)
    for (let result = ordered.shift(); result !== undefined; result = ordered.shift()) {
      chunk.push(result)
      if (chunk.length < chunkSize) continue
      yield chunk
      chunk = []
    }
  }
  if (chunk.length > 0) yield chunk
}
