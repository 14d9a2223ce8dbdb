import { Worker } from 'node:worker_threads'
import { type PackedFragments, resultOf } from '../kernel.ts'
import type { BreakableObject } from '../objects.ts'
import type { DestroyerKind } from './destroyer.ts'

const CHUNK = 32
/** Messages that a worker has at once, so that it need not wait for the next. */
const AHEAD = 2

interface Call {
  readonly object: BreakableObject
  readonly onResult: Parameters<ReturnType<DestroyerKind['open']>['destroy']>[1]
}

/** What a hand would write that thinks of nothing but throughput: messages of 32 objects, buffers given away, no bound on what a frame takes. */
export const byHand: DestroyerKind = {
  name: 'workers by hand, 32 in a message',
  open(threads) {
    const waiting: Call[] = []
    const crew = Array.from({ length: threads }, () => {
      const worker = new Worker(new URL('./by-hand-worker.ts', import.meta.url))
      const underWay: Call[][] = []
      worker.on('message', (results: readonly PackedFragments[]) => {
        const calls = underWay.shift()!
        handOver()
        for (const [place, { onResult }] of calls.entries()) onResult(resultOf(results[place]!))
      })
      worker.on('error', (error) => {
        throw error
      })
      return { worker, underWay }
    })

    function handOver(): void {
      for (let round = 0; round < AHEAD; round++) {
        for (const { worker, underWay } of crew) {
          if (waiting.length === 0) return
          if (underWay.length >= AHEAD) continue
          const calls = waiting.splice(0, CHUNK)
          underWay.push(calls)
          worker.postMessage(calls.map(({ object }) => object))
        }
      }
    }

    return {
      destroy: (object, onResult) => waiting.push({ object, onResult }),
      frame: handOver,
      close: async () => {
        await Promise.all(crew.map(({ worker }) => worker.terminate()))
      },
    }
  },
}
